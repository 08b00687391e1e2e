"""Answers in an event loop: read with `async for`, left, cancelled, many at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from hermes_gguf import Hermes, TextDelta
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.chat.stream import ChatStream
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import GenerationError
from hermes_gguf.events import Finish

LONG = "one two three four five six seven eight nine ten " * 20


def slow(*script: Any) -> tuple[Hermes, ScriptedEngine]:
    engine = ScriptedEngine(script, delay_s=0.01)
    return Hermes(ChatModel(engine)), engine


async def text_of(stream: ChatStream) -> str:
    return "".join([e.text async for e in stream if isinstance(e, TextDelta)])


async def until(is_so: Callable[[], Any]) -> None:
    """Wait for something that another thread does."""
    end_s = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end_s
        await asyncio.sleep(0.01)


def test_an_answer_is_read_while_the_event_loop_goes_on() -> None:
    hermes, _ = slow("one two three four five six")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    async def main() -> str:
        ticking = asyncio.create_task(tick())
        stream = hermes.stream("Count")
        text = await text_of(stream)
        ticking.cancel()
        assert stream.completion().finish_reason == "stop"
        return text

    assert asyncio.run(main()) == "one two three four five six"
    assert ticks > 2


def test_the_last_event_is_the_finish() -> None:
    hermes, _ = slow("Hello.")

    async def main() -> list[Any]:
        return [event async for event in hermes.stream("Hi")]

    assert isinstance(asyncio.run(main())[-1], Finish)


def test_leaving_the_loop_ends_the_answer() -> None:
    hermes, engine = slow(LONG)

    async def main() -> None:
        stream = hermes.stream("Count")
        async with aclosing(stream.__aiter__()) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        await until(lambda: engine.n_cancelled)
        assert stream.completion().finish_reason == "cancelled"

    asyncio.run(main())


def test_a_task_that_is_cancelled_ends_its_answer() -> None:
    hermes, engine = slow(LONG)

    async def main() -> None:
        task = asyncio.create_task(text_of(hermes.stream("Count")))
        await until(lambda: engine.requests)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: engine.n_cancelled)

    asyncio.run(main())


def test_an_error_comes_where_the_answer_is_read() -> None:
    hermes, _ = slow(GenerationError("out of luck"))
    with pytest.raises(GenerationError, match="out of luck"):
        asyncio.run(text_of(hermes.stream("Count")))


def test_answers_that_wait_do_not_take_the_threads_that_others_share() -> None:
    go = threading.Event()

    def wait(request: object) -> str:
        assert go.wait(20)
        return "Gone."

    hermes, engine = slow(*[wait] * 80)

    async def main() -> list[str]:
        streams = [hermes.stream(f"Wait {n}") for n in range(80)]
        texts = asyncio.gather(*map(text_of, streams))
        await until(lambda: len(engine.requests) == 80)
        await asyncio.to_thread(go.set)
        return await texts

    assert set(asyncio.run(main())) == {"Gone."}
