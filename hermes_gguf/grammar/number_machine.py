"""Reads a JSON number digit by digit and decides whether it lies in an interval.

Plain decimals are compared with both ends as they are read. Scientific notation is
decided in its normal form (one digit before the point, not zero), which is what
programs print; an interval that scaling cannot leave takes every exponent. Knows
multiples only as "so many digits behind the point".
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple, TypeAlias

from .number_alphabet import CLASSES, MINUS, PLUS, POINT, STARTS, WIDTH, E
from .number_exponent import Exponent
from .number_set import Piece, decimal_places
from .regular.dfa import Dfa
from .regular.errors import LanguageBudgetError

#: Zeros that may follow where the value allows no other digit: 1.000.
_MAX_ZEROS = 3
_ALL_DIGITS, _NO_DIGIT = tuple(range(10)), (0,) * 10
#: Digits that only matter in not being zero.
_ZERO_OR_NOT = (0, *(1,) * 9)
#: What programs print as a float is printed with an exponent from here on.
_PLAIN_EXPONENT = 16
_MAX_STATES = 8_000


class _Mark(NamedTuple):
    """An end of the interval as digits; the point stands after `point` of them."""

    digits: tuple[int, ...]
    point: int
    open: bool
    mantissa: tuple[int, ...]
    exponent: int

    @classmethod
    def of(cls, value: Fraction, open_: bool) -> _Mark:
        places = decimal_places(value)
        text = str(value.numerator * 10**places // value.denominator)
        digits = tuple(map(int, text.zfill(places + 1)))
        point = len(digits) - places
        lead = next((i for i, d in enumerate(digits) if d), len(digits))
        return cls(digits, point, open_, digits[lead:], point - 1 - lead)

    @property
    def is_zero(self) -> bool:
        return not self.mantissa


class _Number(NamedTuple):
    """What is known inside of an unsigned number.

    Attributes:
        part: "start", "zero" (after a leading 0), "int", "point" or "frac".
        length: Digits read before the point, or behind it once there; capped.
        low: How the digits so far compare with the lower end: -1, 0, above.
        high: The same for the upper end.
        mant_low: The same for the mantissas, as long as an exponent may follow.
        mant_high: The same for the upper end.
        normal: Whether an exponent may follow (one digit before the point, not 0).
        off_grid: Whether a digit was not zero where multiples have zeros.
        nonzero: Whether a digit was not zero.
    """

    negative: bool
    part: str
    length: int = 0
    low: int = 0
    high: int = 0
    mant_low: int = 0
    mant_high: int = 0
    normal: bool = False
    off_grid: bool = False
    nonzero: bool = False


class _Side:
    """The numbers of a piece that are zero or above."""

    def __init__(self, piece: Piece, *, negative: bool, scientific: bool) -> None:
        self.piece = piece
        self.negative = negative
        self.low = _Mark.of(piece.low or Fraction(0), piece.low_open)
        self.high = (
            None if piece.high is None else _Mark.of(piece.high, piece.high_open)
        )
        #: Digits behind the point that multiples have; None: any number of them.
        self.places: int | None = None
        if piece.multiple is not None:
            self.places = decimal_places(piece.multiple)
        self.no_integers = bool(piece.excluded)
        self.scales = self.is_scalable() and scientific
        self.scientific = scientific and not self.scales and self.has_exponents()
        self.set_caps()

    def is_scalable(self) -> bool:
        """Whether the side is all numbers from or above zero."""
        unlimited = self.high is None and self.low.is_zero
        return unlimited and self.places is None and not self.no_integers

    def has_exponents(self) -> bool:
        """Whether programs would print some member with an exponent."""
        if self.places is None:
            return self.piece.low != self.piece.high
        if self.places > 0 or self.high is None:
            return True
        return self.high.exponent >= _PLAIN_EXPONENT

    def set_caps(self) -> None:
        marks = [self.low, *([self.high] if self.high else [])]
        self.int_cap = 1 + max(m.point for m in marks)
        lengths = [len(m.digits) for m in marks]
        self.frac_cap = max(*lengths, (self.places or 0) + _MAX_ZEROS)
        if self.scientific and self.places is not None:
            self.frac_cap = max(self.frac_cap, _PLAIN_EXPONENT + 1)
        apart = {0, *(d for m in marks for d in m.digits)}
        found = [0]
        for digit in range(1, 10):
            is_like_last = digit not in apart and digit - 1 not in apart
            found.append(found[-1] if is_like_last else digit)
        self.told_apart = tuple(found)

    def stand_ins(self, at: _Number | None) -> tuple[int, ...]:
        """Per digit: the least one that cannot be told from it; None: at the start."""
        if at is not None and self.is_decided(at):
            return _ZERO_OR_NOT
        return self.told_apart

    def is_decided(self, at: _Number) -> bool:
        """Whether the digits so far decide every comparison."""
        if not at.low or not (at.high or self.high is None):
            return False
        if not at.normal:
            return True
        decides_low = at.mant_low or self.low.is_zero
        return bool(decides_low and (at.mant_high or self.high is None))

    def read(self, at: _Number, symbol: int) -> _Number | Exponent | None:
        if symbol < 10:
            if at.part in ("start", "int"):
                return self.read_int_digit(at, symbol)
            return None if at.part == "zero" else self.read_frac_digit(at, symbol)
        if symbol == POINT and at.part in ("zero", "int"):
            return self.settle(at)._replace(part="point", length=0)
        if symbol == E and at.part in ("zero", "int", "frac"):
            return self.read_e(at)
        return None

    def read_int_digit(self, at: _Number, digit: int) -> _Number:
        index = at.length
        normal = self.scientific and index == 0 and digit > 0
        # In the order of the fields: naming them takes as long as all the rest.
        return _Number(
            at.negative,
            "zero" if at.part == "start" and digit == 0 else "int",
            min(index + 1, self.int_cap),
            _compare_int(self.low, at.low, index, digit),
            _compare_int(self.high, at.high, index, digit),
            _compare_mantissa(self.low, 0, 0, digit) if normal else 0,
            _compare_mantissa(self.high, 0, 0, digit) if normal else 0,
            normal,
            at.off_grid,
            at.nonzero or (self.scales and digit > 0),
        )

    def read_frac_digit(self, at: _Number, digit: int) -> _Number | None:
        index = at.length
        places = 0 if self.no_integers else self.places
        off_grid = at.off_grid
        if places is not None and index >= places:
            off_grid = off_grid or digit > 0
            if not self.no_integers and (off_grid or index >= places + _MAX_ZEROS):
                off_grid = True
                if not at.normal:
                    return None
        low, high = at.mant_low, at.mant_high
        if at.normal:
            low = _compare_mantissa(self.low, low, index + 1, digit)
            high = _compare_mantissa(self.high, high, index + 1, digit)
        return _Number(
            at.negative,
            "frac",
            min(index + 1, self.frac_cap),
            _compare_frac(self.low, at.low, index, digit),
            _compare_frac(self.high, at.high, index, digit),
            low,
            high,
            at.normal,
            off_grid,
            at.nonzero or (self.scales and digit > 0),
        )

    def settle(self, at: _Number) -> _Number:
        """At the end of the integer part: a shorter integer is smaller."""
        low = -1 if at.length < self.low.point else at.low
        high = -1 if self.high and at.length < self.high.point else at.high
        return at._replace(low=low, high=high)

    def read_e(self, at: _Number) -> Exponent | None:
        if self.scales:
            return Exponent(None, None) if at.nonzero or self.takes(at) else None
        if not at.normal:
            return None
        places = at.length if at.part == "frac" else 0
        if self.places is not None and places == self.frac_cap:
            return None
        least, most = self.exponents(at, places)
        if least is not None and most is not None and least > most:
            return None
        return Exponent(least, most)

    def exponents(self, at: _Number, places: int) -> tuple[int | None, int | None]:
        """Which exponents bring the mantissa into the interval."""
        least: int | None = None
        if not self.low.is_zero:
            order = _finish(self.low.mantissa, at.mant_low, 1 + places)
            inside = order > 0 or (order == 0 and not self.low.open)
            least = self.low.exponent + (0 if inside else 1)
        most: int | None = None
        if self.high is not None:
            order = _finish(self.high.mantissa, at.mant_high, 1 + places)
            inside = order < 0 or (order == 0 and not self.high.open)
            most = self.high.exponent - (0 if inside else 1)
        if self.places is not None:
            needed = _least_exponent(places, self.places)
            least = needed if least is None else max(least, needed)
        elif self.no_integers:
            most = -1 if most is None else min(most, -1)
        return least, most

    def takes(self, at: _Number) -> bool:
        """Whether the number may end here."""
        if at.part not in ("zero", "int", "frac") or at.off_grid != self.no_integers:
            return False
        if at.part != "frac":
            at = self.settle(at)
        done = at.length if at.part == "frac" else 0
        low = _finish(self.low.digits, at.low, self.low.point + done)
        if low < 0 or (low == 0 and self.low.open):
            return False
        if self.high is None:
            return True
        high = _finish(self.high.digits, at.high, self.high.point + done)
        return high < 0 or (high == 0 and not self.high.open)


def _sign(n: int) -> int:
    return (n > 0) - (n < 0)


def _least_exponent(digits: int, places: int) -> int:
    """From which exponent on so many digits leave at most `places` behind the point.

    For sets of few places only what programs print is told exactly: they write such
    numbers plainly below 10**16.
    """
    if digits == 0 or places > 4:
        return digits - places
    return _PLAIN_EXPONENT


def _compare_int(mark: _Mark | None, so_far: int, index: int, digit: int) -> int:
    """Compare the integer digits; a longer integer is larger."""
    if mark is None:
        return -1
    return 2 if index >= mark.point else so_far or _sign(digit - mark.digits[index])


def _compare_frac(mark: _Mark | None, so_far: int, index: int, digit: int) -> int:
    if mark is None or so_far:
        return so_far
    place = mark.point + index
    return _sign(digit - (mark.digits[place] if place < len(mark.digits) else 0))


def _compare_mantissa(mark: _Mark | None, so_far: int, index: int, digit: int) -> int:
    """Compare as if the point stood behind the first digit of both."""
    if mark is None or mark.is_zero:
        return 0
    known = mark.mantissa[index] if index < len(mark.mantissa) else 0
    return so_far or _sign(digit - known)


def _finish(digits: tuple[int, ...], so_far: int, read: int) -> int:
    """The comparison when the rest of the text is zeros."""
    return so_far or (-1 if any(digits[read:]) else 0)


_State: TypeAlias = "_Number | Exponent | str"


class Machine:
    """Both signs of a piece.

    Args:
        piece: Its `multiple` is None, 1, 0.1, 0.01...; excluded is at most 1.
        scientific: Whether to accept exponents.
    """

    def __init__(self, piece: Piece, *, scientific: bool = True) -> None:
        self.positive = _side(piece, negative=False, scientific=scientific)
        self.negative = _side(_mirror(piece), negative=True, scientific=scientific)

    def step(self, state: _State, symbol: int) -> _State | None:
        """The state after one more symbol; None when it may not stand here."""
        if isinstance(state, Exponent):
            return state.read(symbol)
        if isinstance(state, _Number):
            return self._side_of(state).read(state, symbol)
        if state == "start" and symbol == MINUS:
            return "minus" if self.negative else None
        side = self.positive if state == "start" else self.negative
        return side.read(_Number(side.negative, "start"), symbol) if side else None

    def takes(self, state: _State | None) -> bool:
        """Whether the number may end here."""
        if isinstance(state, Exponent):
            return state.takes
        return isinstance(state, _Number) and self._side_of(state).takes(state)

    def _side_of(self, state: _Number) -> _Side:
        side = self.negative if state.negative else self.positive
        assert side is not None
        return side

    def run(self) -> Dfa:
        """The automaton.

        Raises:
            LanguageBudgetError: it is too large.
        """
        index: dict[_State | None, int] = {"start": 0, None: _DEAD}
        todo: list[_State | None] = ["start", None]
        delta = []
        for state in todo:  # grows while it is read
            row = [_DEAD] * WIDTH
            stand_ins = self._stand_ins(state)
            for symbol in _readable(state):
                if symbol < 10 and stand_ins[symbol] != symbol:
                    row[symbol] = row[stand_ins[symbol]]
                    continue
                assert state is not None
                after = self.step(state, symbol)
                if after not in index:
                    index[after] = len(todo)
                    todo.append(after)
                row[symbol] = index[after]
            delta.append(row)
            if len(todo) > _MAX_STATES:
                raise LanguageBudgetError(
                    f"the numbers need more than {_MAX_STATES} automaton states"
                )
        return Dfa.build(STARTS, CLASSES, delta, [self.takes(s) for s in todo])

    def _stand_ins(self, state: _State | None) -> tuple[int, ...]:
        """Per digit: the least one that leads to the same state."""
        if isinstance(state, Exponent):
            return _NO_DIGIT if state.is_free else _ALL_DIGITS
        if isinstance(state, _Number):
            return self._side_of(state).stand_ins(state)
        side = self.positive if state == "start" else self.negative
        return side.stand_ins(None) if state and side else _NO_DIGIT


#: The number of the state from which nothing is accepted.
_DEAD = 1


def _readable(state: _State | None) -> tuple[int, ...]:
    """The symbols that may lead on from here, digits first."""
    if state is None:
        return ()
    if isinstance(state, Exponent):
        return _ALL_DIGITS if state.signed else (*_ALL_DIGITS, PLUS, MINUS)
    return (*_ALL_DIGITS, *((POINT, E) if isinstance(state, _Number) else (MINUS,)))


def _mirror(piece: Piece) -> Piece:
    low = None if piece.high is None else -piece.high
    high = None if piece.low is None else -piece.low
    return Piece(
        low, piece.high_open, high, piece.low_open, piece.multiple, piece.excluded
    )


def _side(piece: Piece, *, negative: bool, scientific: bool) -> _Side | None:
    """The part from zero up; -0 only stands where other negative numbers may."""
    if negative and piece.meet(Piece(low=Fraction(0), low_open=True)) is None:
        return None
    part = piece.meet(Piece(low=Fraction(0)))
    if part is None:
        return None
    return _Side(part, negative=negative, scientific=scientific)
