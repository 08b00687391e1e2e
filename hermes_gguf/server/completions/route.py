"""POST /v1/completions, whole or as a stream.

Reads the wire, starts the answers and writes the wire; what it decides stands in
`request` and `replies`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ...chat.pump import Closeable
from ...engine.base import Engine, EngineFinish, Generation, Piece, PrefillProgress
from ...errors import HermesError
from ...events import Usage
from .. import sse
from ..bridge import GenerationResponse, drain, unless_gone
from ..errors import status_of, to_wire
from ..replies import Envelope, timings_to_wire, usage_of_all, usage_to_wire
from ..served import Served, follow
from ..together import Said, together
from .replies import Choice, completion
from .request import Asked, RawPrompt, read_request
from .wire import CompletionRequest

#: What all choices of one request say.
Answers: TypeAlias = Closeable[Said[Piece | EngineFinish] | PrefillProgress]


def add_route(routes: APIRouter, served: Served) -> None:
    """Serve the endpoint."""

    @routes.post("/completions")
    async def completions(wire: CompletionRequest, http: Request) -> Response:
        served.check_name(wire.model)
        engine = served.model.engine
        try:
            asked = read_request(wire, sampling=served.model.sampling)
            answers = await _start(engine, asked, http)
            envelope = Envelope(f"cmpl-{uuid.uuid4().hex}", int(time.time()), served.id)
            reply = _Reply.to(asked, envelope, engine)
            if wire.stream:
                usage = bool(wire.stream_options and wire.stream_options.include_usage)
                body = _stream_body(answers, reply, include_usage=usage)
                return GenerationResponse(answers, body)
            return JSONResponse(await _whole_reply(answers, reply, http))
        except HermesError as error:
            problem = to_wire(error, conversation="prompt")
            return JSONResponse(problem, status_of(error))


@dataclass
class _Reply:
    """The answers of one request as they grow.

    Attributes:
        envelope: What every chunk repeats.
        choices: All answers, those to one prompt side by side.
        echoes: For each choice what stands before it.
        n: Answers to each prompt.
    """

    envelope: Envelope
    choices: list[Choice]
    echoes: list[str]
    n: int

    @classmethod
    def to(cls, asked: Asked, envelope: Envelope, engine: Engine) -> _Reply:
        n = len(asked.requests[0])
        texts = [_text(p, engine) if asked.echo else "" for p in asked.prompts]
        echoes = [text for text in texts for _ in range(n)]
        return cls(envelope, [Choice(i) for i in range(len(echoes))], echoes, n)

    @property
    def usage(self) -> Usage:
        """The tokens and seconds of all; each prompt counts once."""
        usages = [choice.usage for choice in self.choices]
        starts = range(0, len(usages), self.n)
        return reduce(add, (usage_of_all(usages[at : at + self.n]) for at in starts))


def _text(prompt: RawPrompt, engine: Engine) -> str:
    if isinstance(prompt, str):
        return prompt
    return engine.detokenize(list(prompt)).decode("utf-8", "replace")


async def _start(engine: Engine, asked: Asked, http: Request) -> Answers:
    def prepare() -> list[list[Generation]]:
        return [[engine.generate(one) for one in group] for group in asked.requests]

    # A long prompt takes a while to tokenize: not in the event loop.
    return together(await unless_gone(http, prepare, leave=lambda: None))


async def _stream_body(
    answers: Answers, reply: _Reply, *, include_usage: bool
) -> AsyncIterator[bytes]:
    def encode(said: Said[Piece | EngineFinish]) -> Iterator[bytes]:
        choice, more = reply.choices[said.index].feed(said.item), {}
        if isinstance(said.item, EngineFinish):
            more["timings"] = timings_to_wire(said.item.usage)
        yield sse.data(completion(reply.envelope, [choice], **more))

    for choice, echo in zip(reply.choices, reply.echoes, strict=True):
        if echo:
            yield sse.data(completion(reply.envelope, [choice.begin(echo)]))
    try:
        async for piece in follow(answers, encode):
            yield piece
    except HermesError as error:
        yield sse.data(to_wire(error, conversation="prompt"))
        return
    if include_usage:
        usage = usage_to_wire(reply.usage)
        yield sse.data(completion(reply.envelope, [], usage=usage))
    yield sse.DONE


async def _whole_reply(
    answers: Answers, reply: _Reply, http: Request
) -> dict[str, Any]:
    for said in await drain(answers, http):
        if not isinstance(said, PrefillProgress):
            reply.choices[said.index].feed(said.item)
    both = zip(reply.choices, reply.echoes, strict=True)
    choices = [choice.to_wire(echo=echo) for choice, echo in both]
    return completion(
        reply.envelope,
        choices,
        usage=usage_to_wire(reply.usage),
        timings=timings_to_wire(reply.usage),
    )
