"""The embedded model, for tests that want a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hermes_gguf.catalog import embedded_file


def tiny_model() -> Path:
    """The path of the embedded model; skips the calling test when it is absent."""
    path = Path(embedded_file("tiny.gguf"))
    if not path.is_file():
        pytest.skip("the embedded model is not in this checkout")
    return path
