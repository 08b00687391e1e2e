"""A process that was forked after loading has no thread of the engine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_FORKED = """
import os, sys
from hermes_gguf import Hermes
from hermes_gguf.errors import EngineError

hermes = Hermes("tiny")
stream = hermes.stream("Hi")
next(stream)
if not os.fork():
    for answer in (lambda: hermes.chat("Hi", max_tokens=1), lambda: list(stream)):
        try:
            answer()
        except EngineError as error:
            print(error, flush=True)
    del stream
    hermes.close()
    sys.exit()
os.wait()
stream.close()
print(hermes.chat("Hi", max_tokens=1).finish_reason)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_is_told_and_the_first_one_goes_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FORKED], capture_output=True, text=True, timeout=60
    )
    told = "The model was loaded before this process was forked."
    assert done.stdout.splitlines() == [told, told, "length"], done.stderr
