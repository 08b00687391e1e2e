"""The one road from model text to events, whichever way the text was cut.

Each place in a turn is a state (`answer`, `call_block`, `bare_call`); here they are
driven. It knows no tokens, and it does not know whether a call's arguments fit the
tool's schema.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection

from .. import tags
from ..events import Event
from ..messages import ToolCall
from . import spelling
from .answer import Answer, Reasoning, Rest
from .bare_call import BareCalls, Start
from .turn import Span, State, Turn


def new_call_id() -> str:
    """A fresh id for a tool call; the model never sees it."""
    return "call_" + secrets.token_hex(12)


class OutputParser:
    """Turns the text of one assistant turn into events.

    The events' texts, joined, do not depend on how the text was cut.

    Attributes:
        shown: For each `TextDelta` of the last `feed` or `flush`, where its text stands
            in the turn (a line break that keeps two texts apart stands nowhere).
    """

    def __init__(
        self,
        *,
        tool_calls: bool = True,
        tool_names: Collection[str] | None = None,
        accept_bare: Callable[[ToolCall], bool] = lambda call: True,
        lenient: bool = False,
        in_reasoning: bool = False,
        new_id: Callable[[], str] = new_call_id,
    ) -> None:
        """Prepare for one turn.

        Args:
            tool_calls: Look for calls; without, `<tool_call>` is ordinary text.
            tool_names: Names of the known tools; with them, a whole message that is
                one bare JSON object naming one of them counts as a call.
            accept_bare: Asked before a bare object counts as a call: no grammar has
                seen it.
            lenient: Also accept other wrappers (`<tools>`, `<function_call>`), and
                a whole message that is one bare or fenced call of any name.
            in_reasoning: The prompt already opened `<think>`.
            new_id: Makes the ids of the calls.
        """
        wrappers: dict[str, str] = {}
        if tool_calls:
            wrappers[tags.TOOL_CALL_OPEN] = tags.TOOL_CALL_CLOSE
            wrappers |= spelling.LENIENT_WRAPPERS if lenient else {}
        turn = self._turn = Turn(new_id=new_id)
        turn.answer = Answer(turn, wrappers=wrappers)
        self.shown: list[Span] = []
        self._state: State = turn.answer
        if in_reasoning:
            self._state = Reasoning(turn)
        elif tool_calls and (lenient or tool_names is not None):
            begins = spelling.FENCED_BARE_START if lenient else spelling.BARE_START
            rules = BareCalls(begins=begins, names=tool_names, accept=accept_bare)
            self._state = Start(turn, rules)

    @property
    def stopped(self) -> bool:
        """Whether the rest of the turn is of no interest (invented tool results)."""
        return isinstance(self._state, Rest)

    def feed(self, text: str) -> list[Event]:
        """Read on, and return the events that are certain by now."""
        self._turn.tape.feed(text)
        self._read()
        return self._take_events()

    def flush(self) -> list[Event]:
        """Say that the turn is over, and return what was held back."""
        while (after := self._state.end()) is not None:
            self._state = after
            self._read()
        self._state = Rest(self._turn)
        return self._take_events()

    def _read(self) -> None:
        tape = self._turn.tape
        while True:
            if tape.text and (after := self._state.step()) is not None:
                self._state = after
            elif not tape.advance():
                return

    def _take_events(self) -> list[Event]:
        events, self._turn.events = self._turn.events, []
        self.shown, self._turn.shown = self._turn.shown, []
        return events
