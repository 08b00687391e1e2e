"""Deterministic automata over an alphabet of code point intervals.

Every automaton here is complete (each state has a target for each class) and minimal.
Knows products and reading; not where an automaton comes from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import add
from typing import NamedTuple

from ..scalars import Ranges
from .errors import LanguageBudgetError
from .minimize import minimize

MAX_STATES = 6_000


@dataclass(frozen=True)
class Dfa:
    """A complete minimal automaton whose start is state 0.

    Attributes:
        starts: Ascending first code points of the alphabet's intervals.
        classes: The class of each interval; -1 for surrogates.
        delta: Per state: the target for each class.
        accepts: Per state: whether a text may end there.
    """

    starts: tuple[int, ...]
    classes: tuple[int, ...]
    delta: tuple[tuple[int, ...], ...]
    accepts: tuple[bool, ...]

    @cached_property
    def _hash(self) -> int:
        return hash((self.starts, self.classes, self.delta, self.accepts))

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def build(
        cls,
        starts: Sequence[int],
        classes: Sequence[int],
        delta: Sequence[Sequence[int]],
        accepts: Sequence[bool],
    ) -> Dfa:
        """The minimal automaton of these tables, with the coarsest alphabet."""
        # Once before, for fewer columns are faster, and once after, for the coarsest.
        first = _columns(delta)
        small, flags = minimize(tuple(zip(*first.found, strict=True)), accepts)
        last = _columns(small)
        number = [last.number[i] for i in first.number]
        new_starts: list[int] = []
        new_classes: list[int] = []
        for start, old in zip(starts, classes, strict=True):
            new = -1 if old < 0 else number[old]
            if not new_classes or new_classes[-1] != new:
                new_starts.append(start)
                new_classes.append(new)
        rows = tuple(zip(*last.found, strict=True))
        return cls(tuple(new_starts), tuple(new_classes), rows, tuple(flags))

    @cached_property
    def class_ranges(self) -> tuple[Ranges, ...]:
        """The code points of each class."""
        ranges: list[list[tuple[int, int]]] = [[] for _ in self.delta[0]]
        ends = [*(s - 1 for s in self.starts[1:]), 0x10FFFF]
        for start, end, number in zip(self.starts, ends, self.classes, strict=True):
            if number >= 0:
                ranges[number].append((start, end))
        return tuple(map(tuple, ranges))

    @cached_property
    def live(self) -> frozenset[int]:
        """States from which some text is accepted: all but the dead end."""
        return frozenset(range(len(self.delta))).difference((self.dead_end,))

    @cached_property
    def dead_end(self) -> int | None:
        """The state from which nothing is accepted, if there is one."""
        for state, row in enumerate(self.delta):
            if row[0] == state and not self.accepts[state]:
                if row.count(state) == len(row):
                    return state
        return None

    def contains(self, text: str) -> bool:
        """Whether the automaton accepts the whole text."""
        state = 0
        for char in text:
            number = self.classes[bisect_right(self.starts, ord(char)) - 1]
            if number < 0:
                return False
            state = self.delta[state][number]
        return self.accepts[state]

    def complement(self) -> Dfa:
        """Every other text."""
        flags = tuple(not a for a in self.accepts)
        return Dfa(self.starts, self.classes, self.delta, flags)

    @lru_cache(maxsize=256)  # noqa: B019 - automata are values, and bounded in number
    def product(self, other: Dfa, accept: Callable[[bool, bool], bool]) -> Dfa:
        """The texts for which `accept(in this, in the other)` holds.

        Raises:
            LanguageBudgetError: more than `MAX_STATES` states.
        """
        starts, classes, pairs = _merge_alphabets(self, other)
        # What can no longer be in one of them is in no intersection.
        is_meet = not accept(True, False) and not accept(False, True)
        ends = (self.dead_end, other.dead_end) if is_meet else (None, None)
        # A pair of states is one number, the sum of what each of them has in its rows.
        width = len(other.delta)
        dead = len(self.delta) * width
        rows_a = _Rows(self.delta, [i for i, _ in pairs], width, ends[0], dead)
        rows_b = _Rows(other.delta, [j for _, j in pairs], 1, ends[1], dead)
        index = {0: 0}
        todo = [0]
        sums: list[list[int]] = []
        for pair in todo:  # grows while it is read
            if pair == dead:
                sums.append([dead] * len(pairs))
                continue
            row = list(map(add, rows_a[pair // width], rows_b[pair % width]))
            for key in set(row).difference(index):
                if key >= dead and dead in index:
                    index[key] = index[dead]
                    continue
                index[key] = index[min(key, dead)] = len(todo)
                todo.append(min(key, dead))
            sums.append(row)
            if len(todo) > MAX_STATES:
                raise LanguageBudgetError(
                    f"combining the constraints needs more than {MAX_STATES} states"
                )
        delta = [list(map(index.__getitem__, row)) for row in sums]
        accepts = [
            pair < dead
            and accept(self.accepts[pair // width], other.accepts[pair % width])
            for pair in todo
        ]
        return Dfa.build(starts, classes, delta, accepts)

    def isdisjoint(self, other: Dfa) -> bool:
        """Whether no text is accepted by both; stops at the first that is."""
        _, _, pairs = _merge_alphabets(self, other)
        live_a, live_b = self.live, other.live
        seen = {(0, 0)} if 0 in live_a and 0 in live_b else set()
        todo = list(seen)
        while todo:
            a, b = todo.pop()
            if self.accepts[a] and other.accepts[b]:
                return False
            row_a, row_b = self.delta[a], other.delta[b]
            for key in {(row_a[i], row_b[j]) for i, j in pairs} - seen:
                if key[0] in live_a and key[1] in live_b:
                    seen.add(key)
                    todo.append(key)
        return True


class _Rows(dict[int, list[int]]):
    """The rows of a table over a finer alphabet, each made when it is first needed.

    Targets are multiplied by `factor`; the state `end`, if any, is `dead`.
    """

    def __init__(
        self,
        table: Sequence[Sequence[int]],
        columns: list[int],
        factor: int,
        end: int | None,
        dead: int,
    ) -> None:
        super().__init__()
        self._table = table
        self._columns = columns
        self._numbers = [state * factor for state in range(len(table))]
        if end is not None:
            self._numbers[end] = dead

    def __missing__(self, state: int) -> list[int]:
        row = list(map(self._numbers.__getitem__, self._table[state]))
        found = self[state] = list(map(row.__getitem__, self._columns))
        return found


class _Columns(NamedTuple):
    """The different columns of a table, and which of them each column is."""

    found: list[tuple[int, ...]]
    number: list[int]


def _columns(table: Sequence[Sequence[int]]) -> _Columns:
    ids: dict[tuple[int, ...], int] = {}
    number = [ids.setdefault(c, len(ids)) for c in zip(*table, strict=True)]
    return _Columns(list(ids), number)


def _merge_alphabets(
    a: Dfa, b: Dfa
) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    pairs: dict[tuple[int, int], int] = {}
    begins_a = dict(zip(a.starts, a.classes, strict=True))
    begins_b = dict(zip(b.starts, b.classes, strict=True))
    starts = sorted(begins_a.keys() | begins_b.keys())
    classes = []
    i = j = -1  # both alphabets begin at 0
    for start in starts:
        i, j = begins_a.get(start, i), begins_b.get(start, j)
        classes.append(-1 if i < 0 else pairs.setdefault((i, j), len(pairs)))
    return starts, classes, list(pairs)
