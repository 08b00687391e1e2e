"""POST /v1/messages, whole or as a stream, and POST /v1/messages/count_tokens.

Reads the wire, starts the answer on the chat endpoint's road and writes the wire;
what it decides stands in the pure files beside this one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ...chat.model import ChatModel
from ...errors import HermesError, OptionError
from .. import sse
from ..bridge import GenerationResponse, drain, iterate, unless_gone
from ..convert import ChatArguments, from_wire
from ..error_form import MESSAGES, last_event, spelled
from ..errors import status_of, to_wire
from ..served import KEEPALIVE_S, CheckedStream, Served
from .fold import PING, MessageFold
from .request import FIELDS, to_chat
from .turns import Turns, read_turns
from .wire import CountRequest, MessagesRequest


def add_routes(routes: APIRouter, served: Served) -> None:
    """Serve both endpoints."""

    @routes.post("/messages")
    async def messages(wire: MessagesRequest, http: Request) -> Response:
        if wire.thread:
            return JSONResponse(_no_threads(), 400)
        asked, turns = _read(served, wire)
        with _in_its_words(turns):
            (stream,) = await served.start(asked, http)
        fold = MessageFold(model=served.id, max_tokens=wire.max_tokens)
        if wire.stream:
            return GenerationResponse(stream, _stream_body(stream, fold))
        for item in await drain(stream, http):
            list(fold.feed(item, warnings=stream.warnings))
        return JSONResponse(fold.message)

    @routes.post("/messages/count_tokens")
    async def count_tokens(wire: CountRequest, http: Request) -> Response:
        asked, turns = _read(served, wire)
        # A long prompt takes a while to tokenize: not in the event loop.
        count = partial(_count, served.model, asked)
        with _in_its_words(turns):
            n_tokens = await unless_gone(http, count, leave=lambda: None)
        return JSONResponse({"input_tokens": n_tokens})


def _no_threads() -> dict[str, Any]:
    """The refusal after which Anthropic's client sends whole conversations."""
    problem, hint = "nothing is kept here", "send the whole conversation"
    error = OptionError("thread", problem, hint=hint)
    body = spelled(to_wire(error), path=MESSAGES, status=400)
    body["error"]["details"] = {"error_code": "thread_unsupported_request"}
    return body


def _read(served: Served, wire: CountRequest) -> tuple[ChatArguments, Turns]:
    served.check_name(wire.model)
    turns = read_turns(wire)
    chat = to_chat(wire, turns)
    with _in_its_words(turns):
        return from_wire(chat, sampling=served.model.sampling), turns


@contextmanager
def _in_its_words(turns: Turns) -> Iterator[None]:
    """An error of the chat endpoint's road is told in the words of this API."""
    try:
        yield
    except HermesError as error:
        raise FIELDS.renamed(turns.explain(error)) from error


def _count(model: ChatModel, asked: ChatArguments) -> int:
    prompt = model.render(
        asked.messages,
        tools=() if asked.tool_choice == "none" else asked.tools,
        json_schema=asked.json_schema,
        thinking=asked.thinking,
    )
    return model.engine.count_tokens(prompt)


async def _stream_body(
    stream: CheckedStream, fold: MessageFold
) -> AsyncIterator[bytes]:
    try:
        async for item in iterate(stream, heartbeat_s=KEEPALIVE_S):
            if item is not None:
                for payload in fold.feed(item, warnings=stream.warnings):
                    yield sse.event(payload)
            elif fold.has_begun:
                yield sse.event(PING)
            else:
                # Before its first event a client may know no other one.
                yield sse.comment("waiting")
    except HermesError as error:
        yield last_event(to_wire(error), path=MESSAGES, status=status_of(error))
