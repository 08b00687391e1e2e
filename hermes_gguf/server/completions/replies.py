"""What the engine says → the choices of raw completions. Pure; knows no HTTP.

A reply that is not streamed is the fold of the pieces of a stream, so both ways always
say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...chat.token_trace import Placed, TokenTrace
from ...engine.base import EngineFinish, Piece
from ...events import FinishReason, Usage
from ..logprobs import finite
from ..replies import Envelope

Json = dict[str, Any]


@dataclass
class Choice:
    """One answer as it grows.

    Attributes:
        index: Its number.
        text: What was said so far.
        usage: Its tokens and seconds, at its end.
    """

    index: int
    text: str = ""
    usage: Usage = field(default_factory=Usage)
    _tokens: list[Placed] = field(default_factory=list)
    _reason: FinishReason | None = None
    _trace: TokenTrace = field(default_factory=TokenTrace)

    def feed(self, item: Piece | EngineFinish) -> Json:
        """Take in what the engine says next; what a stream tells of it."""
        if isinstance(item, EngineFinish):
            self._reason, self.usage = item.reason, item.usage
            return self._wire("", (), item.reason)
        start = len(self.text)
        self.text += item.text
        self._trace.feed(item.probs)
        tokens = self._trace.take(start, len(self.text))
        self._tokens += tokens
        return self._wire(item.text, tokens)

    def to_wire(self, *, echo: str = "") -> Json:
        """The whole of it, behind `echo`."""
        return self._wire(echo + self.text, self._tokens, self._reason)

    def begin(self, echo: str) -> Json:
        """What a stream tells before everything else."""
        return self._wire(echo, ())

    def _wire(
        self, text: str, tokens: Sequence[Placed], reason: FinishReason | None = None
    ) -> Json:
        return {
            "text": text,
            "index": self.index,
            "logprobs": _logprobs(tokens),
            # Whoever cancelled is not reading any more.
            "finish_reason": "stop" if reason == "cancelled" else reason,
        }


def completion(envelope: Envelope, choices: Iterable[Json], **more: Any) -> Json:
    """A reply, or one chunk of a stream: both have the same form."""
    return {
        "id": envelope.id,
        "object": "text_completion",
        "created": envelope.created,
        "model": envelope.model,
        "choices": list(choices),
        **more,
    }


def _logprobs(tokens: Sequence[Placed]) -> Json | None:
    if not tokens:
        return None
    return {
        "tokens": [_spelled(token.prob.text) for token in tokens],
        "token_logprobs": [finite(token.prob.logprob) for token in tokens],
        "top_logprobs": [_top(token) for token in tokens],
        "text_offset": [token.start for token in tokens],
    }


def _top(token: Placed) -> dict[str, float]:
    """The likeliest tokens, and the one that was chosen."""
    prob = token.prob
    entries = [(prob.text, prob.logprob), *((text, p) for _, text, p in prob.top)]
    in_order = sorted(entries, key=lambda entry: -entry[1])
    return {_spelled(text): finite(logprob) for text, logprob in in_order}


def _spelled(token: bytes) -> str:
    r"""A token as a text; one that is none is spelled `bytes:\xf0\x9f`."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in token)
