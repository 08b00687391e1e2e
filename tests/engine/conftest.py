from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.engine.load import load_engine
from hermes_gguf.options import LoadOptions
from tests.support.random_gguf import write_random_gguf


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_gguf(tmp_path_factory.mktemp("model") / "random.gguf")


@pytest.fixture(scope="session")
def engine(model_path: Path) -> Iterator[LlamaEngine]:
    with load_engine(model_path) as engine:
        yield engine


@pytest.fixture(scope="session")
def busy_engine(model_path: Path) -> Iterator[LlamaEngine]:
    """Three sequences at once."""
    with load_engine(model_path, options=LoadOptions(n_slots=3)) as engine:
        yield engine
