"""What the states of the parser share: the text to read, and what was said so far.

A state is one place in a turn (the answer, reasoning, a call's block...). It reads what
it can be sure of, and names the state to go on in. The states have files of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..events import Event, ReasoningDelta, TextDelta
from .call_reader import CallReader
from .channel import Channel
from .tape import Tape


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
        self.text, self.reasoning = Channel(), Channel()
        self.reasoning.end_segment()
        self.n_calls = 0
        self.after_call = False
        self.left_open = ""
        self._new_id = new_id

    def say(self, text: str) -> None:
        """Add to the visible answer."""
        if shown := self.text.feed(text):
            self.events.append(TextDelta(shown))

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
