"""Waiting for a function, where a wait cannot be interrupted."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from hermes_gguf.chat import invoke
from hermes_gguf.tools import PythonTool


def slow(seconds: float) -> str:
    """Take a while.

    Args:
        seconds: How long.
    """
    time.sleep(seconds)
    return "done"


@pytest.mark.parametrize("timeout_s", [0.3, 9.0])
def test_no_wait_for_a_function_is_long_where_ctrl_c_cannot_end_it(
    monkeypatch: pytest.MonkeyPatch, timeout_s: float
) -> None:
    waits: list[float | None] = []
    join = threading.Thread.join

    def note(thread: threading.Thread, timeout: float | None = None) -> None:
        waits.append(timeout)
        join(thread, timeout)

    monkeypatch.setattr(invoke, "_LONGEST_WAIT_S", 0.05)
    monkeypatch.setattr(threading.Thread, "join", note)
    tool = PythonTool.from_function(slow)
    started_s = time.monotonic()
    if timeout_s > 1:
        asked = invoke.invoke(tool, {"seconds": 0.4}, timeout_s=timeout_s)
        assert asked == "done"
    else:
        with pytest.raises(TimeoutError):
            invoke.invoke(tool, {"seconds": 1.5}, timeout_s=timeout_s)
        assert time.monotonic() - started_s < 1.4
    assert waits
    assert all(wait is not None and wait <= 0.05 for wait in waits)


FORKS = """
import os
from hermes_gguf.chat.invoke import invoke
from hermes_gguf.tools import PythonTool

def fork() -> str:
    "Fork."
    if os.fork() == 0:
        return "child"
    os.wait()
    return "parent"

print(invoke(PythonTool.from_function(fork), {}, timeout_s=None))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it cannot fork")
def test_a_function_that_forks_comes_back_once() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("parent\n", "")
