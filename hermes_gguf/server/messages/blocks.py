"""The content blocks of an answer while they grow, and the events that tell so. Pure.

Source: Anthropic API reference, "Streaming Messages".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

#: How a piece of each kind of text is told.
_DELTAS = {"text": "text_delta", "thinking": "thinking_delta"}


@dataclass
class TextBlock:
    """What the model says, or what it thinks before."""

    kind: Literal["text", "thinking"]
    index: int
    text: str = ""

    def open(self) -> Json:
        """The event of its beginning."""
        return _start(self.index, _text_block(self.kind, ""))

    def grow(self, text: str) -> Json:
        """Add a piece; the event that tells so."""
        self.text += text
        return _delta(self.index, {"type": _DELTAS[self.kind], self.kind: text})

    def close(self) -> Iterator[Json]:
        """The events of its end."""
        if self.kind == "thinking":
            yield _delta(self.index, {"type": "signature_delta", "signature": ""})
        yield _stop(self.index)

    def to_wire(self) -> Json:
        """The block as it is now."""
        return _text_block(self.kind, self.text)


@dataclass
class CallBlock:
    """A call of a tool.

    Attributes:
        index: Its place in the answer.
        id: What its result will name.
        name: The tool's.
        input: The arguments of a call that is complete; a call that was cut has none,
            lest somebody runs it.
    """

    index: int
    id: str
    name: str
    input: Mapping[str, Any] = field(default_factory=dict)

    def open(self) -> Json:
        """The event of its beginning."""
        return _start(self.index, {**self.to_wire(), "input": {}})

    def grow(self, text: str) -> Json:
        """The event of a piece of the arguments."""
        delta = {"type": "input_json_delta", "partial_json": text}
        return _delta(self.index, delta)

    def close(self) -> Iterator[Json]:
        """The events of its end."""
        yield _stop(self.index)

    def to_wire(self) -> Json:
        """The block as it is now."""
        call = {"id": self.id, "name": self.name, "input": dict(self.input)}
        return {"type": "tool_use", **call}


def _text_block(kind: str, text: str) -> Json:
    # A signature would prove who wrote it; nobody asks for it here.
    more = {"signature": ""} if kind == "thinking" else {}
    return {"type": kind, kind: text, **more}


def _start(index: int, block: Json) -> Json:
    return {"type": "content_block_start", "index": index, "content_block": block}


def _delta(index: int, delta: Json) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def _stop(index: int) -> Json:
    return {"type": "content_block_stop", "index": index}
