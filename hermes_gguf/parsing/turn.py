"""What the states of the parser share: the text to read, and what was said so far.

A state is one place in a turn (the answer, reasoning, a call's block...). It reads what
it can be sure of, and names the state to go on in. The states have files of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from ..events import Event, ReasoningDelta, TextDelta
from .call_reader import CallReader
from .channel import Channel
from .tape import Tape

#: Where a text stands in the turn: its first character, and the one behind it.
Span: TypeAlias = tuple[int, int]


class State(Protocol):
    """One place in a turn."""

    def step(self) -> State | None:
        """Read on; the state to go on in, or None where more text must decide."""

    def end(self) -> State | None:
        """No more text comes: settle what was held back.

        Returns:
            The state to read the rest in; None when the turn is at its end.
        """


class Turn:
    """One turn of the assistant, as far as it was read.

    Attributes:
        tape: The text.
        events: What is certain and was not yet handed out.
        shown: For each `TextDelta` of these, where its text stands in the turn.
        text: The visible answer.
        reasoning: What stands inside `<think>`.
        answer: The state that every other one returns to.
        n_calls: Calls that were announced, broken ones included.
        after_call: A call, or what was meant as one, has ended.
        left_open: The closing tag of a block that was left without it, or "".
    """

    answer: State

    def __init__(self, *, new_id: Callable[[], str]) -> None:
        self.tape = Tape()
        self.events: list[Event] = []
        self.shown: list[Span] = []
        self.text, self.reasoning = Channel(), Channel()
        self.reasoning.end_segment()
        self.n_calls = 0
        self.after_call = False
        self.left_open = ""
        self._new_id = new_id

    def say(self, text: str, *, n_behind: int = 0) -> None:
        """Add to the visible answer.

        Args:
            text: What was read.
            n_behind: How many characters were read since.
        """
        if shown := self.text.feed(text):
            n_space = len(text) - len(text.rstrip())
            end = self.tape.n_read - n_behind - n_space
            self._show(shown, (end - len(shown) + self.text.n_made, end))

    def end_text(self) -> None:
        """Show the white space at the very end of the visible answer."""
        if shown := self.text.flush():
            end = self.tape.n_read
            self._show(shown, (end - len(shown), end))

    def _show(self, text: str, where: Span) -> None:
        self.events.append(TextDelta(text))
        self.shown.append(where)

    def think(self, text: str) -> None:
        """Add to the reasoning."""
        if shown := self.reasoning.feed(text):
            self.events.append(ReasoningDelta(shown))

    def start_reader(self) -> CallReader:
        """A reader for the next call."""
        return CallReader(index=self.n_calls, call_id=self._new_id())

    def read_call(self, reader: CallReader, source: list[str]) -> list[Event]:
        """Give the reader what lies there; what it consumed is added to `source`."""
        fed = self.tape.take()
        events = reader.feed(fed)
        self.tape.text = reader.rest
        source.append(fed[: len(fed) - len(reader.rest)])
        return events

    def return_to_answer(self, text: str) -> State:
        """Read `text` again as a part of the answer."""
        self.tape.put_back(text)
        return self.answer
