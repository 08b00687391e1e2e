"""The items of an answer while they grow, and the events that tell so. Pure.

An item is opened, grows by pieces of text and is closed with a status. Events have
no sequence numbers yet: `fold` counts them.

Source: OpenAI API reference, "Streaming events".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ...events import TokenProb
from ..logprobs import whole_entry

Json = dict[str, Any]
Status = Literal["in_progress", "completed", "incomplete"]


@dataclass(frozen=True, slots=True)
class TextForm:
    """How an item of one part is spelled.

    Attributes:
        prefix: Begins its id.
        item: Fields of the item beside id, status and content.
        part: Fields of the part beside its text.
        has_logprobs: Whether its part and its events tell of tokens.
    """

    prefix: str
    item: Json
    part: Json
    has_logprobs: bool


MESSAGE = TextForm(
    prefix="msg",
    item={"type": "message", "role": "assistant"},
    part={"type": "output_text", "annotations": []},
    has_logprobs=True,
)
REASONING = TextForm(
    prefix="rs",
    item={"type": "reasoning", "summary": []},
    part={"type": "reasoning_text"},
    has_logprobs=False,
)


class OutputItem(Protocol):
    """An item of an answer that is being written."""

    def open(self) -> Iterator[Json]:
        """The events of its beginning."""

    def grow(self, text: str) -> Iterator[Json]:
        """Add a piece; the events that tell so."""

    def close(self, status: Status) -> Iterator[Json]:
        """The events of its end."""

    def to_wire(self, status: Status) -> Json:
        """The item as it is now."""


@dataclass
class TextItem:
    """A message or a reasoning."""

    form: TextForm
    id: str
    index: int
    text: str = ""
    probs: list[TokenProb] = field(default_factory=list)

    def open(self) -> Iterator[Json]:
        """The item, without content, and then its part."""
        yield _added({**self.to_wire("in_progress"), "content": []}, self.index)
        yield self._event("response.content_part.added", part=self._part())

    def grow(self, text: str, probs: Sequence[TokenProb] = ()) -> Iterator[Json]:
        """Add a piece of text, and its tokens."""
        self.text += text
        self.probs += probs
        told = self._logprobs(probs)
        yield self._event(f"{self._kind}.delta", delta=text, **told)

    def close(self, status: Status) -> Iterator[Json]:
        """The whole text, the whole part, the whole item."""
        told = self._logprobs(self.probs)
        yield self._event(f"{self._kind}.done", text=self.text, **told)
        yield self._event("response.content_part.done", part=self._part())
        yield _done(self.to_wire(status), self.index)

    def to_wire(self, status: Status) -> Json:
        """The item as it is now."""
        content = [self._part()]
        return {"id": self.id, **self.form.item, "status": status, "content": content}

    @property
    def _kind(self) -> str:
        return f"response.{self.form.part['type']}"

    def _part(self) -> Json:
        return {**self.form.part, **self._logprobs(self.probs), "text": self.text}

    def _logprobs(self, probs: Sequence[TokenProb]) -> Json:
        if not self.form.has_logprobs:
            return {}
        return {"logprobs": [whole_entry(prob) for prob in probs]}

    def _event(self, kind: str, **more: Any) -> Json:
        where = {"item_id": self.id, "output_index": self.index, "content_index": 0}
        return {"type": kind, **where, **more}


@dataclass
class CallItem:
    """A call of a function; `call_id` is what its result will name."""

    id: str
    index: int
    call_id: str
    name: str
    arguments: str = ""

    def open(self) -> Iterator[Json]:
        """The call, without arguments."""
        yield _added(self.to_wire("in_progress"), self.index)

    def grow(self, text: str) -> Iterator[Json]:
        """Add a piece of the arguments."""
        self.arguments += text
        yield self._event("response.function_call_arguments.delta", delta=text)

    def close(self, status: Status) -> Iterator[Json]:
        """All arguments, and the whole call."""
        yield self._event(
            "response.function_call_arguments.done",
            name=self.name,
            arguments=self.arguments,
        )
        yield _done(self.to_wire(status), self.index)

    def to_wire(self, status: Status) -> Json:
        """The item as it is now."""
        return {
            "id": self.id,
            "type": "function_call",
            "call_id": self.call_id,
            "name": self.name,
            "arguments": self.arguments,
            "status": status,
        }

    def _event(self, kind: str, **more: Any) -> Json:
        return {"type": kind, "item_id": self.id, "output_index": self.index, **more}


def _added(item: Json, index: int) -> Json:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def _done(item: Json, index: int) -> Json:
    return {"type": "response.output_item.done", "output_index": index, "item": item}
