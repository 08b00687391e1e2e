"""Where a text stops being acceptable, and what may come instead, in words.

Asks a constraint one character at a time. Knows no schema and prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..grammar.constraint import Constraint, ConstraintState
from ..grammar.constraints import GrammarState
from ..grammar.gbnf import CodeRange

#: Longest text that an expectation quotes, and how many it lists.
MAX_QUOTED_CHARS, MAX_LISTED = 60, 8

_CLASSES = ((48, 57, "digit"), (65, 90, "letter"), (97, 122, "letter"))
_PRINTABLE = range(0x20, 0x7F)
_NAMES = {"\n": "a line break", "\t": "a tab", " ": "a blank", "\r": "a return"}


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a text went.

    Attributes:
        text: The whole text.
        offset: Characters that were accepted.
        state: The constraint after them.
    """

    text: str
    offset: int
    state: ConstraintState

    @property
    def accepted(self) -> bool:
        """Whether the whole text is one of the grammar's."""
        return self.alive and self.state.may_end

    @property
    def alive(self) -> bool:
        """Whether every character was accepted, so that the text may go on."""
        return self.offset == len(self.text)

    @property
    def line(self) -> int:
        """The line of the first character that was not accepted, from 1."""
        return self.text.count("\n", 0, self.offset) + 1

    @property
    def column(self) -> int:
        """Its column, from 1, in characters."""
        return self.offset - self.text.rfind("\n", 0, self.offset)

    @property
    def found(self) -> str:
        """The character that was not accepted, in words."""
        if self.alive:
            return "the end"
        char = self.text[self.offset]
        return _NAMES.get(char) or quote(char)


def walk_text(constraint: Constraint, text: str) -> Walk:
    """Go through `text` as far as the constraint allows."""
    state = constraint.start()
    for offset, char in enumerate(text):
        following = state.advance(char.encode("utf-8", "surrogatepass"))
        if following is None:
            return Walk(text, offset, state)
        state = following
    return Walk(text, len(text), state)


def forced_text(state: ConstraintState) -> str:
    """The text that must come next; empty when there is a choice."""
    return state.forced().decode("utf-8")


def describe_next(state: ConstraintState) -> str:
    """What may come next, in words: "a digit or `-`", "`true`", "the end"."""
    options = list(_options(state))
    if state.may_end:
        options.append("the end")
    if len(options) > MAX_LISTED:
        left = len(options) - MAX_LISTED
        options = [*options[:MAX_LISTED], f"one of {left} more"]
    if not options:
        return "nothing"
    if len(options) == 1:
        return options[0]
    return f"{', '.join(options[:-1])} or {options[-1]}"


def next_texts(state: ConstraintState) -> list[str]:
    """The texts between which the grammar lets choose, when they are few."""
    if not isinstance(state, GrammarState):  # text is free
        return []
    if forced := forced_text(state):
        return [forced]
    ranges = state.state.next_ranges()
    if sum(high - low + 1 for low, high in ranges) > 4 * MAX_LISTED:
        return []
    return [
        _extended(state, chr(code))
        for low, high in ranges
        for code in range(low, high + 1)
    ]


def quote(text: str) -> str:
    """Text between backticks, cut when long, with escapes for what has no shape."""
    if len(text) > MAX_QUOTED_CHARS:
        text = text[: MAX_QUOTED_CHARS - 1] + "…"
    return f"`{''.join(map(_visible, text))}`"


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return char.encode("unicode_escape").decode("ascii")


def _options(state: ConstraintState) -> Iterator[str]:
    if not isinstance(state, GrammarState):
        yield "any text"
        return
    if forced := forced_text(state):
        yield quote(forced)
        return
    ranges = state.state.next_ranges()
    missing = [c for c in _PRINTABLE if not _holds(ranges, c)]
    if len(missing) <= MAX_LISTED:
        yield _all_but(missing, ranges)
        return
    left, groups = _grouped(ranges)
    yield from groups
    for char in left:
        yield quote(_extended(state, char))


def _all_but(missing: Sequence[int], ranges: Sequence[CodeRange]) -> str:
    exceptions = [quote(chr(code)) for code in missing]
    if not all(_holds(ranges, code) for code in range(0x20)):
        exceptions.append("control characters")
    if not exceptions:
        return "any character"
    *first, last = exceptions
    return "any character but " + (f"{', '.join(first)} and {last}" if first else last)


def _grouped(ranges: Sequence[CodeRange]) -> tuple[list[str], list[str]]:
    """Single characters, and names for what is better not listed one by one."""
    left: list[str] = []
    groups: list[str] = []
    for low, high in ranges:
        for start, end, name in _CLASSES:
            if start <= low and high <= end and high - low >= 2:
                span = "" if (low, high) == (48, 57) else f" {chr(low)}-{chr(high)}"
                groups.append(f"a {name}{span}")
                break
        else:
            if high - low > MAX_LISTED:
                groups.append(f"a character U+{low:04X} to U+{high:04X}")
            else:
                left += map(chr, range(low, high + 1))
    return left, groups


def _holds(ranges: Sequence[CodeRange], code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _extended(state: ConstraintState, char: str) -> str:
    """`char`, with what must follow it."""
    after = state.advance(char.encode())
    assert after is not None
    return char + forced_text(after)
