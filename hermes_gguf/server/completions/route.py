"""POST /v1/completions, whole or as a stream.

Reads the wire, starts the answers and writes the wire; what it decides stands in
`request` and `replies`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import chain, count
from operator import add
from typing import TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ...chat.pump import Closeable
from ...engine.base import (
    Engine,
    EngineFinish,
    Generation,
    PrefillProgress,
    PromptProbs,
)
from ...errors import HermesError
from ...events import Usage
from ...prompt.rendered import Prompt
from ..bridge import GenerationResponse, drain, unless_gone
from ..chunks import chunk_stream
from ..errors import status_of, to_wire
from ..replies import Envelope, Json, timings_to_wire, usage_of_all, usage_to_wire
from ..served import Served
from ..together import Said, together
from ..wire import StreamOptionsWire
from .replies import Choice, Echo, Item, completion
from .request import Asked, RawPrompt, read_request
from .wire import CompletionRequest

#: What all choices of one request say.
Answers: TypeAlias = Closeable[Said[Item] | PrefillProgress]


def add_route(routes: APIRouter, served: Served) -> None:
    """Serve the endpoint."""

    @routes.post("/completions")
    async def completions(wire: CompletionRequest, http: Request) -> Response:
        served.check_name(wire.model)
        try:
            asked = read_request(wire, sampling=served.model.sampling)
            # A long prompt takes a while to tokenize: not in the event loop.
            prepare = partial(_prepare, served.model.engine, asked)
            prompts = await unless_gone(http, prepare, leave=lambda: None)
            answers: Answers = together([prompt.answers for prompt in prompts])
            envelope = Envelope(f"cmpl-{uuid.uuid4().hex}", int(time.time()), served.id)
            reply = _Reply.to(prompts, envelope)
            if wire.stream:
                body = _stream_body(answers, reply, wire.stream_options)
                return GenerationResponse(answers, body)
            return JSONResponse(await _whole_reply(answers, reply, http))
        except HermesError as error:
            problem = to_wire(error, conversation="prompt")
            return JSONResponse(problem, status_of(error))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The answers to one prompt, not begun, and what stands before each."""

    answers: list[Generation]
    echo: Echo


def _prepare(engine: Engine, asked: Asked) -> list[_Prepared]:
    return [
        _Prepared(
            [engine.generate(request) for request in requests],
            _echo(prompt, engine) if asked.echo else Echo(),
        )
        for prompt, requests in zip(asked.prompts, asked.requests, strict=True)
    ]


def _echo(prompt: RawPrompt, engine: Engine) -> Echo:
    if isinstance(prompt, str):
        ids = engine.tokenize(prompt, mode="markup")
        begins = bool(ids) and engine.count_tokens(Prompt(prompt)) == len(ids)
        return Echo(prompt, engine.detokenize(ids[:1]) if begins else None)
    text = engine.detokenize(list(prompt)).decode("utf-8", "replace")
    return Echo(text, engine.detokenize(list(prompt[:1])))


@dataclass
class _Reply:
    """The answers of one request as they grow.

    Attributes:
        envelope: What every chunk repeats.
        prompts: For each prompt its answers.
        choices: All of these.
    """

    envelope: Envelope
    prompts: list[list[Choice]]
    choices: list[Choice]

    @classmethod
    def to(cls, prompts: Sequence[_Prepared], envelope: Envelope) -> _Reply:
        indices = count()
        of_each = [
            [Choice(next(indices), prompt.echo) for _ in prompt.answers]
            for prompt in prompts
        ]
        return cls(envelope, of_each, [*chain(*of_each)])

    @property
    def usage(self) -> Usage:
        """The tokens and seconds of all; each prompt counts once."""
        usages = [[choice.usage for choice in choices] for choices in self.prompts]
        return reduce(add, map(usage_of_all, usages))


def _stream_body(
    answers: Answers, reply: _Reply, options: StreamOptionsWire | None
) -> AsyncIterator[bytes]:
    begun: set[int] = set()

    def encode(said: Said[Item]) -> Iterator[Json]:
        choice = reply.choices[said.index]
        if said.index not in begun and not isinstance(said.item, PromptProbs):
            if choice.echo.text:
                yield completion(reply.envelope, [choice.begin()])
        begun.add(said.index)
        told, more = choice.feed(said.item), {}
        if isinstance(said.item, EngineFinish):
            more["timings"] = timings_to_wire(said.item.usage)
        yield completion(reply.envelope, [told], **more)

    def usage() -> Json:
        return completion(reply.envelope, [], usage=usage_to_wire(reply.usage))

    return chunk_stream(
        answers, encode, usage=usage, options=options, conversation="prompt"
    )


async def _whole_reply(answers: Answers, reply: _Reply, http: Request) -> Json:
    for said in await drain(answers, http):
        if not isinstance(said, PrefillProgress):
            reply.choices[said.index].feed(said.item)
    return completion(
        reply.envelope,
        [choice.to_wire() for choice in reply.choices],
        usage=usage_to_wire(reply.usage),
        timings=timings_to_wire(reply.usage),
    )
