"""The model behind the routes, its names, and how an answer of it is followed.

What the roads to an answer have in common. It knows neither road's wire.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from starlette.requests import Request

from ..chat.check import problem_of
from ..chat.model import ChatModel
from ..chat.stream import ChatStream, StreamItem
from ..engine.base import PrefillProgress
from ..errors import UnknownModelError
from ..events import Finish
from ..options import SamplingOptions
from . import sse
from .bridge import iterate, unless_gone
from .compiling import Compiling
from .convert import ChatArguments

#: Seconds between the comments that keep a waiting connection alive.
KEEPALIVE_S = 5.0


@dataclass(frozen=True, slots=True)
class Served:
    """The model behind the routes, and its names.

    Attributes:
        model: The model.
        id: Its name.
        aliases: Its other names.
        since: When it was loaded, in Unix time.
        turn: Held by the request whose schemas take long to compile.
    """

    model: ChatModel
    id: str
    aliases: tuple[str, ...]
    since: int
    turn: threading.Lock = field(default_factory=threading.Lock)

    def check_name(self, name: str) -> None:
        """Raise UnknownModelError if `name` means another model."""
        if name not in ("", self.id, *self.aliases):
            error = UnknownModelError(name)
            error.hint = f"this server has {self.id!r}"
            raise error

    def card(self) -> dict[str, Any]:
        """The entry of the list of models."""
        info = self.model.engine.info
        meta = {"n_ctx": info.n_ctx, "n_params": info.n_params, "name": info.name}
        owner = {"created": self.since, "owned_by": "hermes-gguf"}
        return {"id": self.id, "object": "model", **owner, "meta": meta}

    async def start(
        self, arguments: ChatArguments, http: Request, *, n: int = 1
    ) -> list[CheckedStream]:
        """Prepare `n` answers to one request, each of another seed.

        Raises:
            RequestError: as `ChatModel.stream`.
            ClientGoneError: the client left before.
        """
        # Rendering and compiling a grammar may take a while: not in the event loop.
        compiling = Compiling(self.turn)
        work = partial(compiling.run, partial(_start, self.model, arguments, n))
        return await unless_gone(http, work, leave=compiling.leave)


@dataclass
class CheckedStream:
    """A running answer, judged at its end by what no grammar enforced.

    A judgement may take seconds; whoever iterates waits for it, and nobody else.

    Attributes:
        warnings: What no grammar enforced, and whether the answer breaks it; known
            with the last event.
    """

    stream: ChatStream
    asked: ChatArguments
    warnings: list[str] = field(default_factory=list)

    def __iter__(self) -> CheckedStream:
        return self

    def __next__(self) -> StreamItem:
        """The next event.

        Raises:
            SchemaError: the last one cannot be judged in reasonable time.
        """
        item = next(self.stream)
        enforcement = self.stream.enforcement
        if isinstance(item, Finish) and enforcement.left_to_check:
            self.warnings = [*enforcement.warnings, *self._problems()]
        return item

    def close(self) -> None:
        """Cancel the generation; also while another thread waits in `next`."""
        self.stream.close()

    def _problems(self) -> list[str]:
        asked = self.asked
        problem = problem_of(
            self.stream.completion(), tools=asked.tools, json_schema=asked.json_schema
        )
        return [f"the answer breaks it: {problem}"] if problem else []


def _start(model: ChatModel, arguments: ChatArguments, n: int) -> list[CheckedStream]:
    fields = {name: getattr(arguments, name) for name in arguments.__slots__}
    messages = fields.pop("messages")
    samplings = seeded(fields.pop("sampling"), n)
    return [
        CheckedStream(model.stream(messages, sampling=sampling, **fields), arguments)
        for sampling in samplings
    ]


def seeded(sampling: SamplingOptions, n: int) -> list[SamplingOptions]:
    """The same with `n` seeds: the given one and those that follow it, if it is."""
    if sampling.seed is None:
        return [sampling] * n
    return [replace(sampling, seed=sampling.seed + index) for index in range(n)]


async def follow(
    items: Iterator[Any], encode: Callable[[Any], Iterable[bytes]]
) -> AsyncIterator[bytes]:
    """Answers as server-sent events, with comments while there is none.

    Args:
        items: What the answers say, and `PrefillProgress`.
        encode: What is sent for one item of theirs.
    """
    async for item in iterate(items, heartbeat_s=KEEPALIVE_S):
        match item:
            case None:
                yield sse.comment("waiting")
            case PrefillProgress(done, total):
                yield sse.comment(f"reading the prompt: {done} of {total} tokens")
            case said:
                for piece in encode(said):
                    yield piece
