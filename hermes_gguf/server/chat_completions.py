"""POST /v1/chat/completions, whole or as a stream.

Reads the wire, starts the answers and writes the wire; what it decides stands in
`convert` and `replies`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ..chat.pump import Closeable
from ..engine.base import PrefillProgress
from ..events import Event, Finish, Usage
from .bridge import GenerationResponse, drain
from .chunks import chunk_stream
from .convert import from_wire, n_choices
from .replies import (
    ChoiceBuilder,
    Envelope,
    Json,
    chunk,
    chunks_of,
    usage_chunk,
    whole_reply,
)
from .served import CheckedStream, Served
from .together import Said, together
from .wire import ChatCompletionRequest, StreamOptionsWire

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
            body = _stream_body(answers, streams, envelope, wire.stream_options)
            return GenerationResponse(answers, body)
        return JSONResponse(await _whole_reply(answers, streams, envelope, http))


def _stream_body(
    answers: Answers,
    streams: Sequence[CheckedStream],
    envelope: Envelope,
    options: StreamOptionsWire | None,
) -> AsyncIterator[bytes]:
    usages: dict[int, Usage] = {}

    def encode(said: Said[Event]) -> Iterable[Json]:
        index, event = said.index, said.item
        if isinstance(event, Finish):
            usages[index] = event.usage
        warnings = streams[index].warnings
        return chunks_of(envelope, event, index=index, warnings=warnings)

    def usage() -> Json:
        return usage_chunk(envelope, [usages[index] for index in sorted(usages)])

    first = {"role": "assistant", "content": ""}
    begin = [chunk(envelope, first, index=index) for index in range(len(streams))]
    return chunk_stream(answers, encode, begin=begin, usage=usage, options=options)


async def _whole_reply(
    answers: Answers,
    streams: Sequence[CheckedStream],
    envelope: Envelope,
    http: Request,
) -> Json:
    choices = [ChoiceBuilder(index) for index in range(len(streams))]
    for said in await drain(answers, http):
        if not isinstance(said, PrefillProgress):
            choices[said.index].feed(said.item)
    warnings = dict.fromkeys(line for s in streams for line in s.warnings)
    return whole_reply(envelope, choices, warnings=list(warnings))
