"""Our events → the events of a stream, and the message itself. Pure.

A reply that is not streamed is the same fold without the events on the way, so both
always say the same. It knows no HTTP.

Source: Anthropic API reference, "Streaming Messages".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from ...chat.stream import StreamItem
from ...engine.base import PrefillProgress
from ...events import (
    Event,
    Finish,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallEnded,
    ToolCallFailed,
    ToolCallStarted,
    Usage,
)
from ..replies import timings_to_wire
from .blocks import CallBlock, TextBlock

Json = dict[str, Any]

#: What tells that the answer is still coming.
PING: Json = {"type": "ping"}


class MessageFold:
    """Folds the items of one answer.

    Attributes:
        message: The message as it is now; complete after `Finish` was fed.
        has_begun: Whether `message_start` was told: how much of the prompt is kept from
            before stands in it, so it waits for the engine to begin.
    """

    def __init__(self, *, model: str, max_tokens: int | None) -> None:
        """Begin an answer.

        Args:
            model: The model's name.
            max_tokens: Tokens that it may have; None for as many as fit.
        """
        self._max_tokens = max_tokens
        self._content: list[Json] = []
        self._block: TextBlock | CallBlock | None = None
        self.has_begun = False
        self.message: Json = {
            "id": f"msg_{uuid.uuid4().hex}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage_to_wire(Usage()),
        }

    def feed(self, item: StreamItem, *, warnings: Sequence[str] = ()) -> Iterator[Json]:
        """Take in the next item, and tell it; the last one carries `warnings`."""
        if isinstance(item, PrefillProgress):
            yield from self._wait(item)
            return
        if not self.has_begun:
            yield self._begin()
        if isinstance(item, Finish):
            yield from self._finish(item, warnings)
        else:
            yield from self._take(item)

    def _take(self, event: Event) -> Iterator[Json]:
        match event:
            case TextDelta(text):
                yield from self._say("text", text)
            case ReasoningDelta(text):
                yield from self._say("thinking", text)
            case ToolCallFailed(error, None):
                yield from self._say("text", error.text)
            case ToolCallStarted(_, call_id, name):
                yield from self._open_call(call_id, name)
            case ToolCallDelta(_, fragment) if self._block is not None and fragment:
                yield self._block.grow(fragment)
            case ToolCallEnded(_, call) if isinstance(self._block, CallBlock):
                self._block.input = call.arguments
                yield from self._close()
            case ToolCallFailed():
                yield from self._close()

    def _wait(self, progress: PrefillProgress) -> Iterator[Json]:
        if self.has_begun:
            yield PING
            return
        # What was read before the first batch is what was kept.
        n_total, n_kept = progress.total_tokens, progress.done_tokens
        usage = Usage(prompt_tokens=n_total, cached_tokens=n_kept)
        self.message["usage"] = usage_to_wire(usage)
        yield self._begin()

    def _begin(self) -> Json:
        self.has_begun = True
        return {"type": "message_start", "message": dict(self.message)}

    def _say(self, kind: Literal["text", "thinking"], text: str) -> Iterator[Json]:
        if not text:
            return
        block = self._block
        if not isinstance(block, TextBlock) or block.kind != kind:
            yield from self._close()
            block = TextBlock(kind, len(self._content))
            yield self._open(block)
        yield block.grow(text)

    def _open_call(self, call_id: str, name: str) -> Iterator[Json]:
        yield from self._close()
        # Anthropic's ids begin so.
        own_id = "toolu_" + call_id.removeprefix("call_")
        yield self._open(CallBlock(len(self._content), own_id, name))

    def _open(self, block: TextBlock | CallBlock) -> Json:
        self._block = block
        return block.open()

    def _close(self) -> Iterator[Json]:
        if self._block is not None:
            self._content.append(self._block.to_wire())
            yield from self._block.close()
        self._block = None

    def _finish(self, finish: Finish, warnings: Sequence[str]) -> Iterator[Json]:
        yield from self._close()
        if all(block["type"] == "thinking" for block in self._content):
            # An answer of no words is one too: programs look for its text.
            yield self._open(TextBlock("text", len(self._content)))
            yield from self._close()
        reason = self._stop_reason(finish)
        stop_text = finish.stop_text if reason == "stop_sequence" else None
        end = {"stop_reason": reason, "stop_sequence": stop_text}
        told: Json = {
            "usage": usage_to_wire(finish.usage),
            "timings": timings_to_wire(finish.usage),
            **({"warnings": list(warnings)} if warnings else {}),
        }
        self.message |= {"content": self._content, **end, **told}
        yield {"type": "message_delta", "delta": end, **told}
        yield {"type": "message_stop"}

    def _stop_reason(self, finish: Finish) -> str:
        match finish.reason:
            case "tool_calls":
                return "tool_use"
            case "length":
                n_tokens = finish.usage.completion_tokens
                is_full = self._max_tokens is None or n_tokens < self._max_tokens
                return "model_context_window_exceeded" if is_full else "max_tokens"
            case "stop" if finish.stop_text is not None:
                return "stop_sequence"
            case _:
                # Whoever cancelled is not reading any more.
                return "end_turn"


def usage_to_wire(usage: Usage) -> Json:
    """Token counts; here a prompt's tokens are those that were not kept from before."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }
