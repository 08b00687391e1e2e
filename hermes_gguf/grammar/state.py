"""A point in a text, as the automaton sees it: the stacks that are alive there.

States are made by `memo`, each once; this file knows what can be asked of one. It
does not know how stacks are stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .gbnf import CodeRange

if TYPE_CHECKING:
    from .memo import Memo


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
            self._ranges = self.memo.ranges(self.charsets)
        return self._ranges
