"""`hermes-gguf serve tiny` as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.tiny import tiny_model


@contextmanager
def tiny_server(home: Path, *options: str) -> Iterator[str]:
    """Its address, once it takes requests."""
    tiny_model()
    process = subprocess.Popen(
        [sys.executable, "-m", "hermes_gguf", "serve", "tiny", "--port", "0", *options],
        env={**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr:
        told = iter(process.stderr.readline, "")
        found = next(m for line in told if (m := re.search(r"(http://\S+)/v1", line)))
        try:
            yield found[1]
        finally:
            process.terminate()
            process.communicate()
