"""Tokens with their log probabilities, as OpenAI writes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..events import TokenProb

Json = dict[str, Any]

#: The most alternatives that OpenAI's API knows.
MOST_TOP = 20
#: What OpenAI writes for a token that cannot be; JSON has no infinity.
_NEVER = -9999.0


def token_text(token: bytes) -> str:
    r"""A token as a text; bytes that are no whole character are spelled `\xf0`."""
    return token.decode("utf-8", "backslashreplace")


def finite(logprob: float) -> float:
    """A log probability that JSON can hold."""
    return max(logprob, _NEVER)


def choice_logprobs(probs: Iterable[TokenProb]) -> Json | None:
    """The `logprobs` of a choice, or of a chunk; None without tokens."""
    content = [whole_entry(prob) for prob in probs]
    return {"content": content, "refusal": None} if content else None


def whole_entry(prob: TokenProb) -> Json:
    """A token with its bytes and its alternatives."""
    top = [_entry(text, logprob) for _, text, logprob in prob.top]
    return {**_entry(prob.text, prob.logprob), "top_logprobs": top}


def _entry(token: bytes, logprob: float) -> Json:
    return {
        "token": token_text(token),
        "logprob": finite(logprob),
        "bytes": list(token),
    }
