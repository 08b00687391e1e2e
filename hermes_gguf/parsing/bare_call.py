"""A whole message that is one call without tags.

Models write that too. It is shown as a call only if nothing else is in the turn, and
only if it is one that could be meant; else it is read again as ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ..events import Event, ToolCallEnded
from ..messages import ToolCall
from . import spelling
from .call_reader import CallReader
from .turn import State, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class BareCalls:
    """Which bare objects count as calls.

    Attributes:
        begins: How such a message may begin, up to its brace.
        names: Names of the known tools; None takes any name.
        accept: Asked before an object counts as a call: no grammar has seen it.
    """

    begins: re.Pattern[str]
    names: Collection[str] | None
    accept: Callable[[ToolCall], bool]


class Start:
    """Nothing was seen yet: is the whole message a bare call?"""

    def __init__(self, turn: Turn, rules: BareCalls) -> None:
        """Prepare to look at the beginning of a turn."""
        self._turn, self._rules = turn, rules

    def step(self) -> State | None:
        """Look at the beginning."""
        turn, text = self._turn, self._turn.tape.text
        if space := spelling.LEADING_SPACE.match(text):
            turn.tape.skip(space.end())
            turn.say(space.group())
            return self
        if found := self._rules.begins.match(text):
            turn.tape.skip(found.end())
            held = _Held(turn.start_reader(), source=[found.group()])
            return _BareCall(turn, self._rules, held)
        return None if spelling.UNFINISHED_FENCED_START.match(text) else turn.answer

    def end(self) -> State | None:
        """It is none."""
        return self._turn.answer


@dataclass(slots=True)
class _Held:
    """A bare call that is not shown yet, its source as written."""

    reader: CallReader
    source: list[str]
    events: list[Event] = field(default_factory=list)


class _BareCall:
    """In the object."""

    def __init__(self, turn: Turn, rules: BareCalls, held: _Held) -> None:
        self._turn, self._rules, self._held = turn, rules, held

    def step(self) -> State | None:
        held, reader, names = self._held, self._held.reader, self._rules.names
        held.events += self._turn.read_call(reader, held.source)
        known = names is None or reader.name is None or reader.name in names
        if reader.error is not None or reader.foreign_key or not known:
            return self.end()
        return _BareEnd(self._turn, self._rules, held) if reader.done else self

    def end(self) -> State:
        return self._turn.return_to_answer("".join(self._held.source))


class _BareEnd:
    """Behind the object only white space and the end of the turn may stand."""

    def __init__(self, turn: Turn, rules: BareCalls, held: _Held) -> None:
        self._turn, self._rules, self._held = turn, rules, held

    def step(self) -> State | None:
        turn, text = self._turn, self._turn.tape.text
        if taken := spelling.AFTER_BARE.match(text):
            self._held.source.append(taken.group())
            turn.tape.skip(taken.end())
            return self
        if spelling.UNFINISHED_TURN_END.match(text):
            return None
        return turn.return_to_answer("".join(self._held.source))

    def end(self) -> State | None:
        turn, held = self._turn, self._held
        calls = [
            event.call for event in held.events if isinstance(event, ToolCallEnded)
        ]
        if turn.tape.text or not all(map(self._rules.accept, calls)):
            return turn.return_to_answer("".join(held.source))
        turn.events += held.events
        turn.n_calls += 1
        return None
