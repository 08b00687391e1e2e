"""How a decode is told to end, and how it shows from outside that it gets on."""

from __future__ import annotations

import ctypes
import sys
import threading
import time

import pytest

from hermes_gguf.engine.llama.stop_sign import _c_library, _Semaphore, _Text
from tests.engine.asking import request

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="others do not count")


def look(sign: _Semaphore | _Text) -> bool:
    """What llama.cpp does between two graph nodes."""
    kind = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)
    return bool(ctypes.cast(sign.function, kind)(sign.address))


@pytest.mark.parametrize("kind", [pytest.param(_Semaphore, marks=linux_only), _Text])
def test_it_says_stop_when_it_was_set_and_only_then(kind):
    sign = kind(_c_library())
    for value in (False, True, False, True, True, False):
        sign.set(value)
        assert [look(sign) for _ in range(3)] == [value] * 3


@linux_only
def test_each_look_changes_the_count():
    sign = _Semaphore(_c_library())
    counts = {sign.n_left() for _ in range(5) if not look(sign)}
    assert len(counts) == 5


@linux_only
def test_an_engine_moves_within_one_batch_and_rests_when_idle(engine):
    assert engine.pulse() is None
    seen = []
    stream = engine.generate(request("in the name of her " * 90, max_tokens=8))
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.append(engine.pulse())
            time.sleep(0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in stream:
        pass
    done.set()
    watcher.join()
    moved = {pulse for pulse in seen if pulse is not None}
    assert len(moved) > len({steps for steps, _ in moved}), "more than one a step"
    while engine.pulse() is not None:
        time.sleep(0.01)
