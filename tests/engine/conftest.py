from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.engine.load import load_engine
from hermes_gguf.options import LoadOptions
from tests.support.random_gguf import write_random_gguf

EXACT = LoadOptions(kv_type="f32")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds what another run kept, or leaves anything behind."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_path", lambda name, **_: folder / name)
        yield


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Exact weights: the same tokens in another batch give the same answer.
    path = tmp_path_factory.mktemp("model") / "random.gguf"
    return write_random_gguf(path, quant="f32")


@pytest.fixture(scope="session")
def engine(model_path: Path) -> Iterator[LlamaEngine]:
    with load_engine(model_path, options=EXACT) as engine:
        yield engine


@pytest.fixture(scope="session")
def busy_engine(model_path: Path) -> Iterator[LlamaEngine]:
    """Three sequences at once."""
    with load_engine(model_path, options=replace(EXACT, n_slots=3)) as engine:
        yield engine
