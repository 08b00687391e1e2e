"""POST /v1/responses, whole or as a stream.

Reads the wire, starts the answer on the chat endpoint's road and writes the wire;
what it decides stands in the pure files beside this one.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ...engine.base import PrefillProgress
from ...errors import HermesError
from ...events import Event
from .. import sse
from ..bridge import GenerationResponse, drain
from ..convert import ChatArguments, from_wire
from ..errors import status_of, to_wire
from ..replies import Envelope
from ..served import CheckedStream, Served, follow
from .echo import head_of
from .fold import ResponseFold
from .items import read_conversation
from .request import FIELDS, to_chat
from .wire import ResponsesRequest


def add_route(routes: APIRouter, served: Served) -> None:
    """Serve the endpoint."""

    @routes.post("/responses")
    async def responses(wire: ResponsesRequest, http: Request) -> Response:
        served.check_name(wire.model)
        conversation = read_conversation(wire)
        chat = to_chat(wire, conversation)
        try:
            asked = from_wire(chat, sampling=served.model.sampling)
            return await _answer(served, wire, asked, http)
        except HermesError as error:
            error = FIELDS.renamed(conversation.explain(error))
            body = to_wire(error, conversation="input")
            return JSONResponse(body, status_of(error))


async def _answer(
    served: Served, wire: ResponsesRequest, asked: ChatArguments, http: Request
) -> Response:
    (stream,) = await served.start(asked, http)
    envelope = Envelope(f"resp_{uuid.uuid4().hex}", int(time.time()), served.id)
    engine = served.model.engine
    fold = ResponseFold(
        head_of(wire, asked, envelope),
        count_tokens=lambda text: len(engine.tokenize(text)),
    )
    if wire.stream:
        return GenerationResponse(stream, _stream_body(stream, fold))
    for item in await drain(stream, http):
        if not isinstance(item, PrefillProgress):
            list(fold.feed(item, warnings=stream.warnings))
    return JSONResponse(fold.response)


async def _stream_body(
    stream: CheckedStream, fold: ResponseFold
) -> AsyncIterator[bytes]:
    def encode(event: Event) -> Iterator[bytes]:
        return map(sse.event, fold.feed(event, warnings=stream.warnings))

    for payload in fold.begin():
        yield sse.event(payload)
    try:
        async for piece in follow(stream, encode):
            yield piece
    except HermesError as error:
        for payload in fold.fail(error):
            yield sse.event(payload)
