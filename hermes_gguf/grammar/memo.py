"""Stacks and states of an automaton, each kept once ("hash-consed").

A stack is a number: `items[n]` must be matched, then the stack `parents[n]`; stack 0
is the end of the text. A state is a set of stacks whose top item is a character. One
memo holds everything that was met so far; when it is full the automaton starts a new
one and moves the states that are still in use, so memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .charset import CharSet, merge_ranges
from .gbnf import CodeRange
from .items import EPSILON, Item, ItemTable, Term

#: The stack of a text that is complete.
END = 0

Step = Callable[["State", str], "State | None"]


class _Row(dict[str, "State | None"]):
    """Transitions of one state by character, filled when they are first asked."""

    __slots__ = ("_state", "_step")

    def __init__(self, state: State, step: Step) -> None:
        super().__init__()
        self._state, self._step = state, step

    def __missing__(self, char: str) -> State | None:
        return self._step(self._state, char)


class State:
    """A point in a text: every way in which the grammar can go on from it.

    Immutable for its users, compared by identity; `len(state)` is the number of
    parser stacks that are alive.

    Attributes:
        may_end: Whether the text may end here.
        row: Character → next state, or None where the character is illegal.
    """

    __slots__ = ("by_match", "forced", "may_end", "memo", "ranges", "row", "tops")

    def __init__(self, memo: Memo, stacks: tuple[int, ...], step: Step) -> None:
        self.memo = memo
        self.may_end = END in stacks
        self.tops = tuple((memo.charset(s), s) for s in stacks if s != END)
        self.row = _Row(self, step)
        self.by_match: dict[tuple[int, ...], State] = {}
        self.ranges: tuple[CodeRange, ...] | None = None
        self.forced: str | None = None

    def __len__(self) -> int:
        return len(self.tops) + self.may_end

    def __bool__(self) -> bool:
        return True

    def only_char(self) -> str | None:
        """The one character that may come next, if there is just one."""
        only: str | None = None
        for chars, _ in self.tops:
            if chars.only is None or (only is not None and chars.only != only):
                return None
            only = chars.only
        return only

    def next_ranges(self) -> tuple[CodeRange, ...]:
        """Code points that may come next: ascending, disjoint ranges."""
        if self.ranges is None:
            self.ranges = merge_ranges(r for c, _ in self.tops for r in c.ranges)
        return self.ranges


class Memo:
    """Interned stacks and states of one automaton.

    Attributes:
        cost: Rough size of what is kept; one unit is about 100 bytes.
    """

    def __init__(self, table: ItemTable, step: Step) -> None:
        self.cost = 0
        self._table = table
        self._step = step
        self._items: list[Item] = [EPSILON]
        self._parents: list[int] = [END]
        self._closures: list[tuple[int, ...] | None] = [(END,)]
        self._index: dict[tuple[Item, int], int] = {}
        self._states: dict[tuple[int, ...], State] = {}

    def charset(self, stack: int) -> CharSet:
        """The characters that may come next on a stack of a state."""
        top = self._items[stack]
        assert isinstance(top, Term)
        return top.chars

    def push(self, item: Item, parent: int) -> int:
        """The stack that matches `item` and then goes on with `parent`."""
        key = (item, parent)
        found = self._index.get(key)
        if found is None:
            found = self._index[key] = len(self._items)
            self._items.append(item)
            self._parents.append(parent)
            self._closures.append((found,) if isinstance(item, Term) else None)
            self.cost += 2
        return found

    def state(self, stacks: Iterable[int]) -> State:
        """The state made of these closed stacks (see `closure`)."""
        key = tuple(sorted(set(stacks)))
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = State(self, key, self._step)
            self.cost += 8 + len(key)
        return found

    def closure(self, stack: int) -> tuple[int, ...]:
        """Stacks with a character on top that `stack` can turn into; maybe END."""
        known = self._closures[stack]
        if known is not None:
            return known
        out: dict[int, None] = {}
        at: int = stack
        while True:
            known = self._closures[at]
            if known is not None:
                out.update(dict.fromkeys(known))
                break
            item, parent = self._items[at], self._parents[at]
            for below, term in self._table.expand(item):
                base = parent
                for pushed in below:
                    base = self.push(pushed, base)
                out[self.push(term, base)] = None
            if not item.nullable:
                break
            at = parent
        closed = tuple(out)
        self._closures[stack] = closed
        self.cost += len(closed) // 8
        return closed

    def follow(self, matched: tuple[int, ...]) -> State:
        """The state after the top characters of these stacks were consumed."""
        out: set[int] = set()
        for stack in matched:
            top, parent = self._items[stack], self._parents[stack]
            assert isinstance(top, Term)
            rest = self._table.after(top)
            out.update(
                self.closure(parent if rest is None else self.push(rest, parent))
            )
        return self.state(out)

    def moved(self, state: State) -> State:
        """A state of another memo, rebuilt in this one."""
        moved: dict[int, int] = {END: END}
        old = state.memo
        stacks = [stack for _, stack in state.tops] + [END] * state.may_end
        for stack in stacks:
            path = []
            at = stack
            while at not in moved:
                path.append(at)
                at = old._parents[at]
            for at in reversed(path):
                moved[at] = self.push(old._items[at], moved[old._parents[at]])
        return self.state(moved[s] for s in stacks)
