"""Our events → OpenAI's chunks and replies. Pure; knows no HTTP.

A reply that is not streamed is the fold of the deltas of a stream, so both ways
always say the same: a call that was cut stands in both as far as it was written,
under `finish_reason: "length"`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..events import (
    Event,
    Finish,
    ReasoningDelta,
    TextDelta,
    TokenProb,
    ToolCallDelta,
    ToolCallFailed,
    ToolCallStarted,
    Usage,
)
from .logprobs import choice_logprobs

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every chunk of one answer repeats; `created` is Unix time in seconds."""

    id: str
    created: int
    model: str


def usage_to_wire(usage: Usage) -> Json:
    """Token counts in OpenAI's shape."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def usage_of_all(usages: Iterable[Usage]) -> Usage:
    """The tokens and seconds of several answers to one prompt, which counts once."""
    first, *others = usages
    total = sum(others, start=first)
    return replace(
        total, prompt_tokens=first.prompt_tokens, cached_tokens=first.cached_tokens
    )


def timings_to_wire(usage: Usage) -> Json:
    """Our extension beside `usage`: where the time went, and what was forced."""
    return {
        "prefill_s": round(usage.prefill_s, 4),
        "decode_s": round(usage.decode_s, 4),
        "tokens_per_s": round(usage.tokens_per_s, 2),
        "forced_tokens": usage.forced_tokens,
    }


def delta_of(event: Event) -> Json | None:
    """The `delta` that an event adds to a stream, or None when it adds nothing."""
    match event:
        case TextDelta(text):
            return {"content": text}
        case ReasoningDelta(text):
            return {"reasoning_content": text}
        case ToolCallStarted(index, id_, name):
            function = {"name": name, "arguments": ""}
            call = {"index": index, "id": id_, "type": "function", "function": function}
            return {"tool_calls": [call]}
        case ToolCallDelta(index, fragment):
            call = {"index": index, "function": {"arguments": fragment}}
            return {"tool_calls": [call]}
        case ToolCallFailed(error, None):
            return {"content": error.text}
        case _:
            # A call that fails after its start was streamed already.
            return None


def probs_of(event: Event) -> tuple[TokenProb, ...]:
    """The tokens that an event reports."""
    return event.probs if isinstance(event, TextDelta) else ()


def chunk(
    envelope: Envelope,
    delta: Json,
    *,
    index: int = 0,
    probs: Sequence[TokenProb] = (),
    finish: str | None = None,
) -> Json:
    """One chunk of a stream, about the choice with that index."""
    choice = {
        "index": index,
        "delta": delta,
        "logprobs": choice_logprobs(probs),
        "finish_reason": finish,
    }
    return {
        "id": envelope.id,
        "object": "chat.completion.chunk",
        "created": envelope.created,
        "model": envelope.model,
        "choices": [choice],
    }


def chunks_of(
    envelope: Envelope, event: Event, *, index: int, warnings: Sequence[str] = ()
) -> Iterable[Json]:
    """The chunks that one event becomes; a choice's last one carries `warnings`."""
    delta = delta_of(event)
    if delta is not None:
        yield chunk(envelope, delta, index=index, probs=probs_of(event))
    if isinstance(event, Finish):
        last = chunk(envelope, {}, index=index, finish=finish_to_wire(event))
        extra = {"warnings": list(warnings)} if warnings else {}
        yield {**last, "timings": timings_to_wire(event.usage), **extra}


def usage_chunk(envelope: Envelope, usages: Iterable[Usage]) -> Json:
    """The chunk after all choices that counts their tokens."""
    usage = usage_to_wire(usage_of_all(usages))
    return {**chunk(envelope, {}), "choices": [], "usage": usage}


def finish_to_wire(event: Finish) -> str:
    """OpenAI knows no "cancelled": whoever cancelled is not reading any more."""
    return "stop" if event.reason == "cancelled" else event.reason


@dataclass
class ChoiceBuilder:
    """Folds the events of one answer into a choice of a reply that is not streamed."""

    index: int = 0
    text: str = ""
    reasoning: str = ""
    probs: list[TokenProb] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    finish: Finish | None = None

    def feed(self, event: Event) -> None:
        """Take in the next event."""
        if isinstance(event, Finish):
            self.finish = event
        self.probs += probs_of(event)
        delta = delta_of(event) or {}
        self.text += delta.get("content", "")
        self.reasoning += delta.get("reasoning_content", "")
        for added in delta.get("tool_calls", ()):
            self._feed_call(**added)

    def _feed_call(self, index: int, function: Json, **first: Any) -> None:
        """A call's name, or the next piece of its arguments."""
        if index == len(self.calls):
            self.calls.append({**first, "function": function})
        else:
            self.calls[index]["function"]["arguments"] += function["arguments"]

    @property
    def usage(self) -> Usage:
        """Its tokens and seconds, after `Finish` was fed."""
        return self._finish.usage

    @property
    def _finish(self) -> Finish:
        assert self.finish is not None, "the stream ended without Finish"
        return self.finish

    def choice(self) -> Json:
        """The choice, after `Finish` was fed."""
        content = None if self.calls and not self.text else self.text
        message: Json = {"role": "assistant", "content": content, "refusal": None}
        if self.reasoning:
            message["reasoning_content"] = self.reasoning
        if self.calls:
            message["tool_calls"] = self.calls
        return {
            "index": self.index,
            "message": message,
            "logprobs": choice_logprobs(self.probs),
            "finish_reason": finish_to_wire(self._finish),
        }


def whole_reply(
    envelope: Envelope, choices: Sequence[ChoiceBuilder], *, warnings: Sequence[str]
) -> Json:
    """A reply that is not streamed."""
    usage = usage_of_all(choice.usage for choice in choices)
    return {
        "id": envelope.id,
        "object": "chat.completion",
        "created": envelope.created,
        "model": envelope.model,
        "choices": [choice.choice() for choice in choices],
        "usage": usage_to_wire(usage),
        "timings": timings_to_wire(usage),
        **({"warnings": list(warnings)} if warnings else {}),
    }
