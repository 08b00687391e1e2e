"""What a stream of events amounts to, however it was cut."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hermes_gguf.events import (
    Event,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallEnded,
    ToolCallFailed,
    ToolCallStarted,
)
from hermes_gguf.parsing import OutputParser


def counting_ids() -> Callable[[], str]:
    """Call ids c0, c1, ..."""
    numbers = itertools.count()
    return lambda: f"c{next(numbers)}"


def summary(events: Iterable[Event]) -> list[tuple[Any, ...]]:
    """The events as plain tuples, neighbouring deltas of one kind joined."""
    out: list[tuple[Any, ...]] = []
    for event in events:
        row = _row(event)
        same = out and row[0] in ("text", "think") and out[-1][0] == row[0]
        if same or (row[0] == "args" and out and out[-1][:2] == row[:2]):
            out[-1] = (*out[-1][:-1], out[-1][-1] + row[-1])
        else:
            out.append(row)
    return out


def _row(event: Event) -> tuple[Any, ...]:
    match event:
        case TextDelta(text):
            return ("text", text)
        case ReasoningDelta(text):
            return ("think", text)
        case ToolCallStarted(index, _, name):
            return ("call", index, name)
        case ToolCallDelta(index, fragment):
            return ("args", index, fragment)
        case ToolCallEnded(index, call):
            return ("end", index, call.name, call.arguments)
        case ToolCallFailed(error, index):
            return ("failed", index, error.problem, error.text, error.offset)
    raise AssertionError(f"unexpected {event}")


def parse_pieces(pieces: Iterable[str], **options: Any) -> list[tuple[Any, ...]]:
    """The summary of parsing `pieces` one after the other."""
    parser = OutputParser(new_id=counting_ids(), **options)
    events = [event for piece in pieces for event in parser.feed(piece)]
    return summary([*events, *parser.flush()])


def cuts(text: str) -> Iterator[list[str]]:
    """Ways to cut `text`: every split in two, then pieces of 1, 2, 3, 5, 8 chars."""
    for at in range(1, len(text)):
        yield [text[:at], text[at:]]
    for size in (8, 5, 3, 2, 1):
        yield [text[at : at + size] for at in range(0, len(text), size)]
