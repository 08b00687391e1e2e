"""What comes out of a generation, one typed event at a time.

Everything that shows an answer (terminal, SSE, JSON reply, Python API) is a fold
over one `Iterator[Event]`. The events do not know where they are shown.
"""

from __future__ import annotations

import operator
from dataclasses import astuple, dataclass
from typing import Literal, TypeAlias

from .errors import ToolCallSyntaxError
from .messages import ToolCall

#: stop: the model ended; length: max_tokens or the context cut it; tool_calls: it
#: ended after calls; cancelled: the caller closed the stream.
FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "cancelled"]


@dataclass(frozen=True, slots=True)
class TokenProb:
    """One token of the answer, and how likely the model found it.

    Log probabilities are those of the model's own logits: before temperature,
    penalties and grammar.

    Attributes:
        token_id: The token.
        text: What it added to the answer; maybe a part of a character.
        logprob: Its natural log probability.
        top: The likeliest tokens in its place (id, bytes, log probability), likeliest
            first.
    """

    token_id: int
    text: bytes
    logprob: float
    top: tuple[tuple[int, bytes, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the visible answer.

    Attributes:
        text: The piece.
        probs: The tokens that begin in it, where log probabilities were asked for.
    """

    text: str
    probs: tuple[TokenProb, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of what stood inside <think> or <scratch_pad>."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """The name of call number `index` (from 0) is known."""

    index: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A fragment of the arguments' JSON text; all fragments together parse."""

    index: int
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolCallEnded:
    """Call number `index` is complete."""

    index: int
    call: ToolCall


@dataclass(frozen=True, slots=True)
class ToolCallFailed:
    """A `<tool_call>` block that is no call; `error.text` keeps what was written.

    `index` is the call's number when it was already announced by ToolCallStarted.
    """

    error: ToolCallSyntaxError
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and seconds of one generation.

    Attributes:
        prompt_tokens: Tokens of the prompt, cached ones included.
        cached_tokens: Prompt tokens whose KV was reused, not evaluated.
        completion_tokens: Tokens of the answer, forced ones included.
        forced_tokens: Answer tokens that the grammar dictated (jump-forward).
        prefill_s: Seconds spent reading the prompt.
        decode_s: Seconds from the first to the last token of the answer.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    forced_tokens: int = 0
    prefill_s: float = 0.0
    decode_s: float = 0.0

    @property
    def tokens_per_s(self) -> float:
        """Decode speed; 0.0 when nothing was decoded."""
        return self.completion_tokens / self.decode_s if self.decode_s > 0 else 0.0

    def __add__(self, other: Usage) -> Usage:
        """The tokens and seconds of both."""
        return Usage(*map(operator.add, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class Finish:
    """The last event of every generation.

    `complete` is False when constrained output (a call, JSON) was cut before its end.
    `stop_text` is the one of the request's stop texts that ended the answer.
    """

    reason: FinishReason
    usage: Usage
    seed: int | None = None
    complete: bool = True
    stop_text: str | None = None


Event: TypeAlias = (
    TextDelta
    | ReasoningDelta
    | ToolCallStarted
    | ToolCallDelta
    | ToolCallEnded
    | ToolCallFailed
    | Finish
)
