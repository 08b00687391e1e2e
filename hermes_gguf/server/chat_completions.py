"""POST /v1/chat/completions, whole or as a stream.

Reads the wire, starts the answers and writes the wire; what it decides stands in
`convert` and `replies`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ..chat.pump import Closeable
from ..engine.base import PrefillProgress
from ..errors import HermesError
from ..events import Event, Finish, Usage
from . import sse
from .bridge import GenerationResponse, drain
from .convert import from_wire, n_choices
from .errors import to_wire
from .replies import (
    ChoiceBuilder,
    Envelope,
    chunk,
    chunks_of,
    usage_chunk,
    whole_reply,
)
from .served import CheckedStream, Served, follow
from .together import Said, together
from .wire import ChatCompletionRequest

#: What all choices of one request say.
Answers: TypeAlias = Closeable[Said[Event] | PrefillProgress]


def add_route(routes: APIRouter, served: Served) -> None:
    """Serve the endpoint."""

    @routes.post("/chat/completions")
    async def chat_completions(wire: ChatCompletionRequest, http: Request) -> Response:
        served.check_name(wire.model)
        arguments = from_wire(wire, sampling=served.model.sampling)
        streams = await served.start(arguments, http, n=n_choices(wire.n))
        answers: Answers = together([streams])
        envelope = Envelope(f"chatcmpl-{uuid.uuid4().hex}", int(time.time()), served.id)
        if wire.stream:
            usage = bool(wire.stream_options and wire.stream_options.include_usage)
            body = _stream_body(answers, streams, envelope, include_usage=usage)
            return GenerationResponse(answers, body)
        return JSONResponse(await _whole_reply(answers, streams, envelope, http))


async def _stream_body(
    answers: Answers,
    streams: Sequence[CheckedStream],
    envelope: Envelope,
    *,
    include_usage: bool,
) -> AsyncIterator[bytes]:
    usages: dict[int, Usage] = {}

    def encode(said: Said[Event]) -> Iterator[bytes]:
        index, event = said.index, said.item
        if isinstance(event, Finish):
            usages[index] = event.usage
        warnings = streams[index].warnings
        for payload in chunks_of(envelope, event, index=index, warnings=warnings):
            yield sse.data(payload)

    for index in range(len(streams)):
        first = {"role": "assistant", "content": ""}
        yield sse.data(chunk(envelope, first, index=index))
    try:
        async for piece in follow(answers, encode):
            yield piece
    except HermesError as error:
        yield sse.data(to_wire(error))
        return
    if include_usage:
        in_order = [usages[index] for index in sorted(usages)]
        yield sse.data(usage_chunk(envelope, in_order))
    yield sse.DONE


async def _whole_reply(
    answers: Answers,
    streams: Sequence[CheckedStream],
    envelope: Envelope,
    http: Request,
) -> dict[str, Any]:
    choices = [ChoiceBuilder(index) for index in range(len(streams))]
    for said in await drain(answers, http):
        if not isinstance(said, PrefillProgress):
            choices[said.index].feed(said.item)
    warnings = dict.fromkeys(line for s in streams for line in s.warnings)
    return whole_reply(envelope, choices, warnings=list(warnings))
