"""The body of a stream of OpenAI's chunks, of chat answers and of raw completions.

What a chunk says, its callers know.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from ..errors import HermesError
from . import sse
from .errors import to_wire
from .replies import Json
from .served import follow
from .wire import StreamOptionsWire


async def chunk_stream(
    answers: Iterator[Any],
    encode: Callable[[Any], Iterable[Json]],
    *,
    begin: Iterable[Json] = (),
    usage: Callable[[], Json],
    options: StreamOptionsWire | None,
    conversation: str = "messages",
) -> AsyncIterator[bytes]:
    """The chunks of all answers to one request; an error is the last one.

    Args:
        answers: What they say, and `PrefillProgress`.
        encode: The chunks of one item of theirs.
        begin: The first chunks.
        usage: The chunk that tells the cost, once all is said.
        options: What the client wants besides the answers.
        conversation: The field of the request that holds the conversation.
    """
    for chunk in begin:
        yield sse.data(chunk)
    try:
        async for piece in follow(answers, lambda item: map(sse.data, encode(item))):
            yield piece
    except HermesError as error:
        yield sse.data(to_wire(error, conversation=conversation))
        return
    if options and options.include_usage:
        yield sse.data(usage())
    yield sse.DONE
