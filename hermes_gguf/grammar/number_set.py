"""Exact sets of JSON numbers: intervals, multiples, and what is left of them.

Values are fractions, so nothing is rounded: a float stands for its shortest decimal
spelling, as in the JSON text it came from. Knows nothing of how numbers are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import islice, pairwise
from math import gcd, lcm
from typing import TypeAlias

from .regular.errors import LanguageBudgetError

JsonNumber: TypeAlias = "int | float | Decimal | Fraction"

ONE = Fraction(1)
#: Bounded sets of multiples are searched up to this many members.
_MAX_SEARCH = 10_000
#: Ranges that a set may be combined from.
_MAX_PIECES = 200


def exact(value: JsonNumber) -> Fraction:
    """The value as written in JSON: 0.1 is one tenth."""
    if isinstance(value, float):
        return Fraction(Decimal(repr(value)))
    return Fraction(value)


def decimal_places(value: Fraction) -> int:
    """Digits after the point; JSON numbers always have finitely many."""
    places, scale = 0, 1
    while scale % value.denominator:
        places, scale = places + 1, scale * 10
    return places


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval, or the multiples in it, without the multiples of other numbers.

    Attributes:
        low: The lower end; None: no limit.
        low_open: Whether `low` itself is not in the set.
        high: The upper end; None: no limit.
        high_open: Whether `high` itself is not in the set.
        multiple: Only multiples of this positive number; None: all numbers.
        excluded: No multiples of these positive numbers.
    """

    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False
    multiple: Fraction | None = None
    excluded: frozenset[Fraction] = frozenset()

    def contains(self, value: Fraction) -> bool:
        """Whether the number is in the piece."""
        if self.low is not None and (
            value < self.low or (self.low_open and value == self.low)
        ):
            return False
        if self.high is not None and (
            value > self.high or (self.high_open and value == self.high)
        ):
            return False
        if self.multiple is not None and value % self.multiple:
            return False
        return all(value % n for n in self.excluded)

    def normal(self) -> Piece | None:
        """The same set with its tightest closed ends; None when it is empty."""
        piece = self._on_grid() if self.multiple is not None else self
        if piece is None:
            return None
        low, high = piece.low, piece.high
        if low is None or high is None:
            return piece
        if low > high or (low == high and not piece.contains(low)):
            return None
        if low == high:
            return Piece(low=low, high=low)
        if piece.multiple is None:
            return piece
        return None if next(piece.members(_MAX_SEARCH), None) is None else piece

    def _on_grid(self) -> Piece | None:
        step = self.multiple
        assert step is not None
        if any(step % n == 0 for n in self.excluded):
            return None
        low, high = self.low, self.high
        if low is not None:
            steps = -((-low) // step)
            low = steps * step + (step if self.low_open and steps * step == low else 0)
        if high is not None:
            steps = high // step
            over = self.high_open and steps * step == high
            high = steps * step - (step if over else 0)
        return Piece(low=low, high=high, multiple=step, excluded=self.excluded)

    def members(self, limit: int) -> Iterator[Fraction]:
        """The members among the first `limit` multiples from the lower end."""
        assert self.multiple is not None
        assert self.low is not None
        value = self.low
        tried = 0
        while (self.high is None or value <= self.high) and tried < limit:
            if all(value % n for n in self.excluded):
                yield value
            value += self.multiple
            tried += 1

    @property
    def is_finite(self) -> bool:
        """Whether the (normal) piece has finitely many members."""
        if self.low is None or self.high is None:
            return False
        return self.multiple is not None or self.low == self.high

    def meet(self, other: Piece) -> Piece | None:
        """What is in both; None when that is nothing."""
        low, low_open = _tighter_low(self, other)
        high, high_open = _tighter_high(self, other)
        steps = [m for m in (self.multiple, other.multiple) if m is not None]
        step = _lcm(steps[0], steps[-1]) if steps else None
        excluded = self.excluded | other.excluded
        return Piece(low, low_open, high, high_open, step, excluded).normal()

    def rest(self) -> Iterator[Piece]:
        """Pieces that together hold every number outside of this one."""
        if self.low is not None:
            yield Piece(high=self.low, high_open=not self.low_open)
        if self.high is not None:
            yield Piece(low=self.high, low_open=not self.high_open)
        inside = replace(self, multiple=None, excluded=frozenset())
        if self.multiple is not None:
            yield replace(inside, excluded=frozenset([self.multiple]))
        for n in sorted(self.excluded):
            yield replace(inside, multiple=n)

    def covers(self, other: Piece) -> bool:
        """Whether every member of the other is surely in this one."""
        low, low_open = _tighter_low(self, other)
        high, high_open = _tighter_high(self, other)
        if (low, low_open, high, high_open) != (
            other.low,
            other.low_open,
            other.high,
            other.high_open,
        ):
            return False
        if self.multiple is not None and (
            other.multiple is None or other.multiple % self.multiple
        ):
            return other.is_finite and other.low == other.high and self._has(other.low)
        return self.excluded <= other.excluded

    def _has(self, value: Fraction | None) -> bool:
        return value is not None and self.contains(value)


def _lcm(a: Fraction, b: Fraction) -> Fraction:
    return Fraction(lcm(a.numerator, b.numerator), gcd(a.denominator, b.denominator))


def _tighter_low(a: Piece, b: Piece) -> tuple[Fraction | None, bool]:
    if a.low is None or (b.low is not None and b.low > a.low):
        return b.low, b.low_open
    if b.low is None or a.low > b.low:
        return a.low, a.low_open
    return a.low, a.low_open or b.low_open


def _tighter_high(a: Piece, b: Piece) -> tuple[Fraction | None, bool]:
    if a.high is None or (b.high is not None and b.high < a.high):
        return b.high, b.high_open
    if b.high is None or a.high < b.high:
        return a.high, a.high_open
    return a.high, a.high_open or b.high_open


@dataclass(frozen=True)
class NumberSet:
    """A set of numbers as a union of pieces. Combine with `& | ~ -`."""

    pieces: tuple[Piece, ...] = ()

    @classmethod
    def all(cls) -> NumberSet:
        """Every number."""
        return cls((Piece(),))

    @classmethod
    def nothing(cls) -> NumberSet:
        """No number."""
        return cls()

    @classmethod
    def integers(cls) -> NumberSet:
        """Every integer; 1.0 is one."""
        return cls.multiples(1)

    @classmethod
    def of(cls, values: Iterable[JsonNumber]) -> NumberSet:
        """Exactly these numbers."""
        points = sorted({exact(v) for v in values})
        return cls(tuple(Piece(low=p, high=p) for p in points))

    @classmethod
    def at_least(cls, bound: JsonNumber, *, exclusive: bool = False) -> NumberSet:
        """Numbers from `bound` up; `exclusive`: without the bound."""
        return cls((Piece(low=exact(bound), low_open=exclusive),))

    @classmethod
    def at_most(cls, bound: JsonNumber, *, exclusive: bool = False) -> NumberSet:
        """Numbers up to `bound`; `exclusive`: without the bound."""
        return cls((Piece(high=exact(bound), high_open=exclusive),))

    @classmethod
    def multiples(cls, step: JsonNumber) -> NumberSet:
        """The multiples of a positive number."""
        return cls((Piece(multiple=exact(step)),))

    @property
    def is_empty(self) -> bool:
        """Whether no number is in the set."""
        return not self.pieces

    @property
    def is_finite(self) -> bool:
        """Whether the set has finitely many numbers."""
        return all(p.is_finite for p in self.pieces)

    @property
    def is_integral(self) -> bool:
        """Whether every number in the set is surely an integer."""
        return all(
            p.multiple.denominator == 1
            if p.multiple is not None
            else p.low == p.high and p.low is not None and p.low.denominator == 1
            for p in self.pieces
        )

    def values(self, limit: int) -> list[Fraction] | None:
        """All numbers in order when there are at most `limit`; else None."""
        if not self.is_finite:
            return None
        found: set[Fraction] = set()
        for piece in self.pieces:
            step = piece if piece.multiple is not None else replace(piece, multiple=ONE)
            bound = limit + 1 if not piece.excluded else _MAX_SEARCH
            found.update(islice(step.members(bound), limit + 1))
            if len(found) > limit:
                return None
        return sorted(found)

    def contains(self, value: JsonNumber) -> bool:
        """Whether the number is in the set."""
        return any(p.contains(exact(value)) for p in self.pieces)

    @property
    def _points(self) -> list[Fraction] | None:
        """The members when all pieces are single numbers."""
        lows = [p.low for p in self.pieces if p.low is not None and p.low == p.high]
        return lows if len(lows) == len(self.pieces) else None

    def __and__(self, other: NumberSet) -> NumberSet:
        for some, rest in ((self, other), (other, self)):
            if len(rest.pieces) == 1 and (points := some._points) is not None:
                return NumberSet.of(filter(rest.contains, points))
        met = (a.meet(b) for a in self.pieces for b in other.pieces)
        return NumberSet(_tidy(p for p in met if p is not None))

    def __or__(self, other: NumberSet) -> NumberSet:
        mine, others = self._points, other._points
        if mine is not None and others is not None:
            return NumberSet.of([*mine, *others])
        return NumberSet(_tidy((*self.pieces, *other.pieces)))

    def __invert__(self) -> NumberSet:
        _check_size(len(self.pieces))
        if points := self._points:
            ends = [None, *sorted(points), None]
            gaps = [
                Piece(low, low is not None, high, high is not None)
                for low, high in pairwise(ends)
            ]
            return NumberSet(tuple(gaps))
        result = NumberSet.all()
        for piece in self.pieces:
            rest = (p.normal() for p in piece.rest())
            result = result & NumberSet(tuple(p for p in rest if p is not None))
        return result

    def __sub__(self, other: NumberSet) -> NumberSet:
        return self & ~other


def _check_size(n_pieces: int) -> None:
    """Every piece is compared with every other one, so there may not be too many."""
    if n_pieces > _MAX_PIECES:
        raise LanguageBudgetError(
            f"the numbers fall into more than {_MAX_PIECES} separate ranges"
        )


def _tidy(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Pieces that are not inside of another one, touching ones joined."""
    kept: list[Piece] = []
    for piece in pieces:
        _check_size(len(kept))
        if any(k.covers(piece) for k in kept):
            continue
        kept = [k for k in kept if not piece.covers(k)]
        joined = next(((k, j) for k in kept if (j := _join(k, piece))), None)
        if joined:
            kept.remove(joined[0])
            kept = list(_tidy([*kept, joined[1]]))
        else:
            kept.append(piece)
    return tuple(kept)


def _join(a: Piece, b: Piece) -> Piece | None:
    """One piece for both when they are the same kind and overlap or touch."""
    if (a.multiple, a.excluded) != (b.multiple, b.excluded):
        return None
    first, second = (b, a) if _begins_before(b, a) else (a, b)
    if first.high is None:
        return None
    if second.low is None:
        # Both have no lower end: the longer one holds the other.
        return second if _ends_before(first, second) else first
    gap = first.multiple or Fraction(0)
    apart = second.low > first.high + gap
    hole = second.low == first.high and first.high_open and second.low_open
    if apart or hole:
        return None
    top = first if _ends_before(second, first) else second
    return replace(first, high=top.high, high_open=top.high_open)


def _begins_before(a: Piece, b: Piece) -> bool:
    if a.low is None or b.low is None:
        return a.low is None and b.low is not None
    return (a.low, a.low_open) < (b.low, b.low_open)


def _ends_before(a: Piece, b: Piece) -> bool:
    if a.high is None or b.high is None:
        return a.high is not None and b.high is None
    return (a.high, not a.high_open) < (b.high, not b.high_open)
