"""Stacks and states of an automaton, each kept once ("hash-consed").

A stack is a number: `items[n]` must be matched, then the stack `parents[n]`; stack 0
is the end of the text. A *union* stands for several stacks at once: stacks with equal
tops become one stack on a union, so that ambiguous grammars do not multiply them. One
memo holds everything that was met so far; when it is full the automaton starts a new
one and moves the states that are still in use, so memory stays bounded.

Source: graph-structured stacks, M. Tomita, "An efficient context-free parsing
algorithm for natural languages", 1985.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .charset import CharSet
from .items import EPSILON, Item, ItemTable, Term
from .scalars import Ranges, union
from .state import State

#: The stack of a text that is complete.
END = 0
#: Stands where the item of a union would be.
_UNION = Item()


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
        self._ranges: dict[tuple[CharSet, ...], Ranges] = {}
        self._members: dict[int, tuple[int, ...]] = {}
        self._union_index: dict[tuple[int, ...], int] = {}

    def charsets(self, stacks: tuple[int, ...]) -> tuple[CharSet, ...]:
        """The characters that may come next on each of a state's stacks."""
        items = self._items
        found: tuple[CharSet, ...]
        if len(stacks) == 1:
            found = (items[stacks[0]].chars,)  # type: ignore[attr-defined]
        else:
            found = tuple([items[s].chars for s in stacks])  # type: ignore[attr-defined]
        return self._charsets.setdefault(found, found)

    def ranges(self, charsets: tuple[CharSet, ...]) -> Ranges:
        """The ranges of all of them together."""
        found = self._ranges.get(charsets)
        if found is None:
            found = union(*(chars.ranges for chars in charsets))
            self._ranges[charsets] = found
        return found

    def push(self, item: Item, parent: int) -> int:
        """The stack that matches `item` and then goes on with `parent`."""
        key = item.number << 40 | parent
        found = self._index.get(key)
        if found is None:
            found = self._index[key] = self._new_stack(item, parent)
        return found

    def _new_stack(self, item: Item, parent: int) -> int:
        number = len(self._closures)
        # In this order, and by slices: Ctrl-C between two lines leaves no stack
        # half made, and the next one overwrites the rest.
        self._items[number:] = (item,)
        self._parents[number:] = (parent,)
        self._closures.append((number,) if isinstance(item, Term) else None)
        self.cost += 2
        return number

    def union(self, stacks: Iterable[int]) -> int:
        """The stack that goes on as any of these does."""
        members: set[int] = set()
        for stack in stacks:
            members.update(self._members.get(stack, (stack,)))
        key = tuple(sorted(members))
        if len(key) == 1:
            return key[0]
        found = self._union_index.get(key)
        if found is None:
            found = self._new_stack(_UNION, END)
            self._members[found] = key
            self._union_index[key] = found
            self.cost += len(key) // 8
        return found

    def state(self, stacks: Iterable[int]) -> State:
        """The state made of these closed stacks (see `closure`)."""
        key = tuple(sorted(set(stacks)))
        if len(key) > 1:
            key = self._merged(key)
        return self._interned(key)

    def _merged(self, stacks: tuple[int, ...]) -> tuple[int, ...]:
        """The stacks with those joined whose top items are the same."""
        parents: dict[Item, list[int]] = {}
        for stack in stacks:
            parents.setdefault(self._items[stack], []).append(stack)
        if len(parents) == len(stacks):
            return stacks
        return tuple(
            sorted(
                same[0]
                if len(same) == 1
                else self.push(item, self.union(self._parents[s] for s in same))
                for item, same in parents.items()
            )
        )

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
        seen = {stack}
        pending = [stack]
        while pending:
            at = pending.pop()
            known = self._closures[at]
            if known is not None:
                out.update(dict.fromkeys(known))
                continue
            for below in self._members.get(at) or self._expanded(at, out):
                if below not in seen:
                    seen.add(below)
                    pending.append(below)
        closed = tuple(out)
        self._closures[stack] = closed
        self.cost += len(closed) // 8
        return closed

    def _expanded(self, stack: int, out: dict[int, None]) -> tuple[int, ...]:
        """Add to `out` what the top item begins with; the parent if it may be empty."""
        item, parent = self._items[stack], self._parents[stack]
        for below, term in self._table.expand(item):
            base = parent
            for pushed in below:
                base = self.push(pushed, base)
            out[self.push(term, base)] = None
        return (parent,) if item.nullable else ()

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
        pending = list(stacks)
        while pending:
            at = pending[-1]
            members = old._members.get(at)
            below = members or (old._parents[at],)
            missing = [b for b in below if b not in moved] if at not in moved else []
            if missing:
                pending.extend(missing)
                continue
            pending.pop()
            if at not in moved and members:
                moved[at] = self.union(moved[m] for m in members)
            elif at not in moved:
                moved[at] = self.push(old._items[at], moved[below[0]])
        return self.state(moved[s] for s in stacks)
