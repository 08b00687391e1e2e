"""What the engine says → the choices of raw completions. Pure; knows no HTTP.

A reply that is not streamed is the fold of the pieces of a stream, so both ways always
say the same.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ...chat.token_trace import TokenTrace
from ...engine.base import EngineFinish, Piece, PromptProbs
from ...events import FinishReason, TokenProb, Usage
from ..logprobs import finite
from ..replies import Envelope, Json

#: What an answer consists of.
Item: TypeAlias = PromptProbs | Piece | EngineFinish


class _Token(NamedTuple):
    """A token, where its text begins, and how likely it was, if that can be said."""

    text: bytes
    start: int
    prob: TokenProb | None


@dataclass(frozen=True, slots=True)
class Echo:
    """What stands before an answer.

    Attributes:
        text: The prompt; empty where it is not wanted.
        first: The token that the prompt begins with, unless that is a BOS which nobody
            wrote: it follows nothing, so nobody knows how likely it was.
    """

    text: str = ""
    first: bytes | None = None

    def tokens(self, probs: Sequence[TokenProb]) -> list[_Token]:
        """Its tokens, of which all but the first are told of by `probs`."""
        pieces = [(prob.text, prob) for prob in probs]
        known: list[tuple[bytes, TokenProb | None]] = [*pieces]
        if self.first is not None:
            known.insert(0, (self.first, None))
        if b"".join(text for text, _ in known) == b" " + self.text.encode():
            # SentencePiece puts a space before every text.
            known[0] = (known[0][0][1:], known[0][1])
        decoder, at, tokens = codecs.getincrementaldecoder("utf-8")("replace"), 0, []
        for text, prob in known:
            tokens.append(_Token(text, at, prob))
            at += len(decoder.decode(text))
        return tokens


@dataclass
class Choice:
    """One answer as it grows.

    Attributes:
        index: Its number.
        echo: What stands before it.
        text: What was said so far.
        usage: Its tokens and seconds, at its end.
    """

    index: int
    echo: Echo = Echo()
    text: str = ""
    usage: Usage = field(default_factory=Usage)
    _tokens: list[_Token] = field(default_factory=list)
    _reason: FinishReason | None = None
    _trace: TokenTrace = field(default_factory=TokenTrace)

    def feed(self, item: Item) -> Json:
        """Take in what the engine says next; what a stream tells of it."""
        match item:
            case EngineFinish():
                self._reason, self.usage = item.reason, item.usage
                return self._wire("", (), item.reason)
            case PromptProbs(probs):
                self._tokens = self.echo.tokens(probs)
                return self._wire(self.echo.text, self._tokens)
            case Piece(text, _, probs):
                tokens = self._grow(text, probs)
                return self._wire(text, tokens)

    def begin(self) -> Json:
        """What a stream tells first, where no token of the prompt is told of."""
        return self._wire(self.echo.text, ())

    def to_wire(self) -> Json:
        """The whole of it."""
        return self._wire(self.echo.text + self.text, self._tokens, self._reason)

    def _grow(self, text: str, probs: Sequence[TokenProb]) -> list[_Token]:
        start = len(self.text)
        self.text += text
        self._trace.feed(probs)
        before = len(self.echo.text)
        tokens = [
            _Token(placed.prob.text, before + placed.start, placed.prob)
            for placed in self._trace.take(start, len(self.text))
        ]
        self._tokens += tokens
        return tokens

    def _wire(
        self, text: str, tokens: Sequence[_Token], reason: FinishReason | None = None
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


def _logprobs(tokens: Sequence[_Token]) -> Json | None:
    if not tokens:
        return None
    probs = [token.prob for token in tokens]
    return {
        "tokens": [_spelled(token.text) for token in tokens],
        "token_logprobs": [prob and finite(prob.logprob) for prob in probs],
        "top_logprobs": [prob and _top(prob) for prob in probs],
        "text_offset": [token.start for token in tokens],
    }


def _top(prob: TokenProb) -> dict[str, float]:
    """The likeliest tokens, and the one that came."""
    entries = [(prob.text, prob.logprob), *((text, p) for _, text, p in prob.top)]
    in_order = sorted(entries, key=lambda entry: -entry[1])
    return {_spelled(text): finite(logprob) for text, logprob in in_order}


def _spelled(token: bytes) -> str:
    r"""A token as a text; one that is none is spelled `bytes:\xf0\x9f`."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in token)
