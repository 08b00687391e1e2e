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


class State(dict[str, "State | None"]):
    """A point in a text: every way in which the grammar can go on from it.

    It is its own table of transitions: `state[char]` is the next state, or None
    where the character is illegal, computed when it is first asked. Immutable for
    its users and compared by identity; `len(state)` is the number of parser stacks
    that are alive.

    Attributes:
        memo: Where its stacks are kept.
        stacks: Stacks with a character on top, ascending.
        charsets: The characters on top of each.
        may_end: Whether the text may end here.
        by_match: Stacks whose top matched → next state.
        forced: What `Automaton.forced` found, once it was asked.
    """

    __slots__ = (
        "_ranges",
        "by_match",
        "charsets",
        "forced",
        "may_end",
        "memo",
        "stacks",
    )
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__
    __ne__ = object.__ne__

    def __init__(self, memo: Memo, stacks: tuple[int, ...], may_end: bool) -> None:
        super().__init__()
        self.memo = memo
        self.stacks = stacks
        self.may_end = may_end
        self.charsets = memo.charsets(stacks)
        # One dict less for the many states that only one character leaves.
        self.by_match: dict[tuple[int, ...], State] | None = None
        self.forced: str | None = None
        self._ranges: tuple[CodeRange, ...] | None = None

    def __missing__(self, char: str) -> State | None:
        return self.memo.step(self, char)

    def __len__(self) -> int:
        return len(self.stacks) + self.may_end

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<State of {len(self)} stacks, may_end={self.may_end}>"

    def matching(self, char: str) -> tuple[int, ...]:
        """The stacks on which `char` may come next."""
        if len(self.stacks) == 1:
            return self.stacks if char in self.charsets[0] else ()
        pairs = zip(self.charsets, self.stacks, strict=True)
        return tuple([stack for chars, stack in pairs if char in chars])

    def only_char(self) -> str | None:
        """The one character that may come next, if there is just one."""
        only: str | None = None
        for chars in self.charsets:
            if chars.only is None or (only is not None and chars.only != only):
                return None
            only = chars.only
        return only

    def next_ranges(self) -> tuple[CodeRange, ...]:
        """Code points that may come next: ascending, disjoint ranges."""
        if self._ranges is None:
            self._ranges = self.memo.union(self.charsets)
        return self._ranges


class Memo:
    """Interned stacks and states of one automaton.

    Numbers and lists of numbers instead of objects: the garbage collector need not
    look at them, of which there may be a million.

    Attributes:
        cost: Rough size of what is kept; one unit is about 70 bytes.
        step: Computes a transition that a state does not have yet.
    """

    def __init__(
        self, table: ItemTable, step: Callable[[State, str], State | None]
    ) -> None:
        self.cost = 0
        self.step = step
        self._table = table
        self._items: list[Item] = [EPSILON]
        self._parents: list[int] = [END]
        self._closures: list[tuple[int, ...] | None] = [(END,)]
        self._index: dict[int, int] = {}
        self._states: dict[tuple[int, ...], State] = {}
        self._charsets: dict[tuple[CharSet, ...], tuple[CharSet, ...]] = {}
        self._unions: dict[tuple[CharSet, ...], tuple[CodeRange, ...]] = {}

    def charsets(self, stacks: tuple[int, ...]) -> tuple[CharSet, ...]:
        """The characters that may come next on each of a state's stacks."""
        items = self._items
        found: tuple[CharSet, ...]
        if len(stacks) == 1:
            found = (items[stacks[0]].chars,)  # type: ignore[attr-defined]
        else:
            found = tuple([items[s].chars for s in stacks])  # type: ignore[attr-defined]
        return self._charsets.setdefault(found, found)

    def union(self, charsets: tuple[CharSet, ...]) -> tuple[CodeRange, ...]:
        """The ranges of all of them together."""
        found = self._unions.get(charsets)
        if found is None:
            found = merge_ranges(r for chars in charsets for r in chars.ranges)
            self._unions[charsets] = found
        return found

    def push(self, item: Item, parent: int) -> int:
        """The stack that matches `item` and then goes on with `parent`."""
        key = item.number << 40 | parent
        found = self._index.get(key)
        if found is None:
            found = len(self._closures)
            # In this order, and by slices: Ctrl-C between two lines leaves no
            # stack half made, and the next one overwrites the rest.
            self._items[found:] = (item,)
            self._parents[found:] = (parent,)
            self._closures.append((found,) if isinstance(item, Term) else None)
            self._index[key] = found
            self.cost += 2
        return found

    def state(self, stacks: Iterable[int]) -> State:
        """The state made of these closed stacks (see `closure`)."""
        return self._interned(tuple(sorted(set(stacks))))

    def _interned(self, key: tuple[int, ...]) -> State:
        found = self._states.get(key)
        if found is None:
            may_end = key[0] == END
            found = State(self, key[1:] if may_end else key, may_end)
            self._states[key] = found
            self.cost += 4 + len(key)
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
        if len(matched) == 1:
            top = self._items[matched[0]]
            assert isinstance(top, Term)
            rest = self._table.after(top)
            if isinstance(rest, Term):
                # Inside of a literal: the commonest step by far.
                return self._interned((self.push(rest, self._parents[matched[0]]),))
        out: list[int] = []
        for stack in matched:
            top, parent = self._items[stack], self._parents[stack]
            assert isinstance(top, Term)
            rest = self._table.after(top)
            after = parent if rest is None else self.push(rest, parent)
            out.extend(self._closures[after] or self.closure(after))
        return self.state(out)

    def moved(self, state: State) -> State:
        """A state of another memo, rebuilt in this one."""
        moved: dict[int, int] = {END: END}
        old = state.memo
        stacks = [*state.stacks, *[END] * state.may_end]
        for stack in stacks:
            path = []
            at = stack
            while at not in moved:
                path.append(at)
                at = old._parents[at]
            for at in reversed(path):
                moved[at] = self.push(old._items[at], moved[old._parents[at]])
        return self.state(moved[s] for s in stacks)
