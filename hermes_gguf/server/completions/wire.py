"""The wire of raw completions: what is read from a request. Shapes only.

Source: OpenAI API reference, "Create completion" (legacy).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ..wire import SamplingWire, StreamOptionsWire

#: OpenAI's own; clients rely on it where they say nothing.
_DEFAULT_TOKENS = 16


def _read_limit(said: Any) -> Any:
    return _DEFAULT_TOKENS if said is None else None if said == -1 else said


class CompletionRequest(SamplingWire):
    """The body of POST /v1/completions."""

    #: A text, token ids, or a list of either; `request` reads it, and names what it
    #: cannot be.
    prompt: Any
    #: None is as many as the context holds.
    max_tokens: Annotated[
        Annotated[int, Field(ge=0)] | None, BeforeValidator(_read_limit)
    ] = _DEFAULT_TOKENS
    n: int | None = None
    best_of: int | None = None
    logprobs: int | None = None
    echo: bool | None = None
    suffix: str | None = None
    stream_options: StreamOptionsWire | None = None
