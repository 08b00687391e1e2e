"""Runs the function behind a tool to its end, whatever kind of function it is.

Coroutines and generators run here and not when their result is looked at, so that
their time and their errors belong to the call. What is raised passes through.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from typing import Any

from ..tools import PythonTool

#: Windows cannot interrupt a wait by Ctrl-C: there it is many short ones.
_LONGEST_WAIT_S = 0.5 if sys.platform == "win32" else threading.TIMEOUT_MAX


def invoke(
    tool: PythonTool, arguments: Mapping[str, Any], *, timeout_s: float | None
) -> Any:
    """What the function returns; the items, where it gives them one by one.

    Args:
        tool: What is called.
        arguments: The call's decoded arguments.
        timeout_s: Seconds to wait; the function is left behind then. None waits.

    Raises:
        ToolCallValidationError: an argument is not of the annotated type.
        TimeoutError: there is no result within `timeout_s`.
    """
    pid = os.getpid()

    def work() -> Any:
        try:
            return _result(tool.call(arguments))
        finally:
            if os.getpid() != pid:
                # The function forked. What comes next is its parent's: this one would
                # answer a second time, and read the same keys.
                os._exit(0)

    return work() if timeout_s is None else _in_thread(work, timeout_s)


def _result(value: Any) -> Any:
    if inspect.isawaitable(value):
        return _run(_as_coroutine(value))
    if isinstance(value, AsyncIterator):
        return _run(_as_list(value))
    return list(value) if isinstance(value, Iterator) else value


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    # Python runs no second event loop in the thread of a running one.
    if _in_event_loop():
        return _in_thread(lambda: asyncio.run(coroutine), None)
    return asyncio.run(coroutine)


async def _as_coroutine(awaitable: Any) -> Any:
    return await awaitable


async def _as_list(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _wait_for(thread: threading.Thread, timeout_s: float | None) -> None:
    end_s = time.monotonic() + (float("inf") if timeout_s is None else timeout_s)
    while thread.is_alive() and (left_s := end_s - time.monotonic()) > 0:
        thread.join(min(left_s, _LONGEST_WAIT_S))


def _in_thread(work: Callable[[], Any], timeout_s: float | None) -> Any:
    outcome: list[tuple[Any, BaseException | None]] = []

    def target() -> None:
        try:
            outcome.append((work(), None))
        except BaseException as error:  # handed to the thread that waits
            outcome.append((None, error))

    thread = threading.Thread(target=target, name="hermes-tool", daemon=True)
    thread.start()
    _wait_for(thread, timeout_s)
    if not outcome:
        raise TimeoutError(f"no result within {timeout_s:g} seconds")
    value, error = outcome[0]
    if error is not None:
        raise error
    return value
