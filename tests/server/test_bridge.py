"""Blocking iterators in an event loop."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from hermes_gguf.server.bridge import iterate


def collect(items: Iterator[object], *, heartbeat_s: float = 5.0) -> list[object]:
    async def run() -> list[object]:
        return [item async for item in iterate(items, heartbeat_s=heartbeat_s)]

    return asyncio.run(run())


def test_all_items_arrive_in_order():
    assert collect(iter(range(1000))) == list(range(1000))


def test_none_comes_while_the_wait_is_long():
    def slow() -> Iterator[str]:
        yield "a"
        time.sleep(0.35)
        yield "b"

    first, *beats, last = collect(slow(), heartbeat_s=0.1)
    assert (first, last) == ("a", "b")
    assert beats
    assert set(beats) == {None}


def test_an_error_is_raised_where_the_items_are_read():
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        collect(broken())


def test_a_hundred_that_wait_do_not_hold_up_one_that_runs():
    release = threading.Event()

    def waits() -> Iterator[int]:
        release.wait(10)
        yield 1

    async def run() -> list[object]:
        waiting = [
            asyncio.ensure_future(anext(iterate(waits(), heartbeat_s=10)))
            for _ in range(100)
        ]
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(5):
                return [item async for item in iterate(iter("abc"), heartbeat_s=10)]
        finally:
            release.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(run()) == ["a", "b", "c"]


def test_a_reader_that_leaves_ends_the_thread():
    before = set(threading.enumerate())

    async def run() -> None:
        async for _ in iterate(itertools.count(), heartbeat_s=1):
            break

    asyncio.run(run())
    end = time.monotonic() + 5
    while not set(threading.enumerate()) <= before and time.monotonic() < end:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before
