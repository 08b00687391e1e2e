from __future__ import annotations

import numpy as np
import platformdirs
import pytest
from typer.testing import CliRunner

from hermes_gguf.cli.cache import app
from hermes_gguf.engine.load import open_prefix_store

STATE = np.zeros(1 << 20, dtype=np.uint8)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(
        platformdirs, "user_cache_path", lambda name, **_: tmp_path / name
    )
    store = open_prefix_store()
    for n_tokens in (10, 20, 30):
        store.save(list(range(n_tokens)), STATE, key="k", title=f"model {n_tokens}")
    return store


def run(*args: str) -> str:
    result = CliRunner().invoke(app, list(args))
    assert result.exit_code == 0, result.output
    return result.output


def test_kept_prompts_are_listed(store):
    out = run("list")
    assert "20 tokens" in out
    assert "model 30" in out
    assert "3 kept prompts" in out


def test_pruning_keeps_what_fits(store):
    run("prune", "--to", "2")
    assert len(store.entries()) == 1


def test_clearing_removes_all_and_an_empty_store_is_no_error(store):
    run("clear")
    assert store.entries() == []
    assert "0 kept prompts" in run("list")
