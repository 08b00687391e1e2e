"""POST /v1/chat/completions, whole or as a stream.

Reads the wire, starts the answer and writes the wire; what it decides stands in
`convert` and `replies`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ..engine.base import PrefillProgress
from ..errors import HermesError
from ..events import Event
from . import sse
from .bridge import GenerationResponse, drain
from .convert import from_wire
from .errors import to_wire
from .replies import Envelope, ReplyBuilder, chunk, chunks_of
from .served import CheckedStream, Served, follow
from .wire import ChatCompletionRequest


def add_route(routes: APIRouter, served: Served) -> None:
    """Serve the endpoint."""

    @routes.post("/chat/completions")
    async def chat_completions(wire: ChatCompletionRequest, http: Request) -> Response:
        served.check_name(wire.model)
        arguments = from_wire(wire, sampling=served.model.sampling)
        stream = await served.start(arguments, http)
        envelope = Envelope(f"chatcmpl-{uuid.uuid4().hex}", int(time.time()), served.id)
        if wire.stream:
            usage = bool(wire.stream_options and wire.stream_options.include_usage)
            body = _stream_body(stream, envelope, include_usage=usage)
            return GenerationResponse(stream, body)
        return JSONResponse(await _whole_reply(stream, envelope, http))


async def _stream_body(
    stream: CheckedStream, envelope: Envelope, *, include_usage: bool
) -> AsyncIterator[bytes]:
    def encode(event: Event) -> Iterator[bytes]:
        for payload in chunks_of(
            envelope, event, include_usage=include_usage, warnings=stream.warnings
        ):
            yield sse.data(payload)

    yield sse.data(chunk(envelope, {"role": "assistant", "content": ""}))
    try:
        async for piece in follow(stream, encode):
            yield piece
    except HermesError as error:
        yield sse.data(to_wire(error))
        return
    yield sse.DONE


async def _whole_reply(
    stream: CheckedStream, envelope: Envelope, http: Request
) -> dict[str, Any]:
    builder = ReplyBuilder(envelope)
    for item in await drain(stream, http):
        if not isinstance(item, PrefillProgress):
            builder.feed(item)
    return builder.reply(warnings=stream.warnings)
