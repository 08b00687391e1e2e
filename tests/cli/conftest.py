"""The real `hermes-gguf` process, with caches and settings of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.random_gguf import write_random_gguf

from .grammar_command import CODE, REFUSED, SCHEMA

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing of this machine's user is seen."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("HF_", "HERMES_GGUF_", "XDG_", "HUGGING"))
    }
    return kept | {
        "HOME": str(tmp_path),
        "HF_HOME": str(tmp_path / "hf"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HERMES_GGUF_CONFIG_DIR": str(tmp_path / "config"),
        # Nothing listens there: a request that should not be made fails.
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "COLUMNS": "80",
        "NO_COLOR": "1",
    }


@pytest.fixture
def hermes(home: dict[str, str]) -> Run:
    """Run `hermes-gguf ARGS` and return the finished process."""

    def run(
        *args: str, env: dict[str, str] | None = None, **options: object
    ) -> subprocess.CompletedProcess[str]:
        defaults: dict[str, object] = {"stdin": subprocess.DEVNULL, "timeout": 60}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            [sys.executable, "-m", "hermes_gguf", *args],
            env=home | (env or {}),
            capture_output=True,
            text=True,
            **(defaults | options),
        )

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a schema, a refused one, and Python code, to work in."""
    (tmp_path / "person.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "bag.json").write_text(json.dumps(REFUSED))
    (tmp_path / "code.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small model of random weights."""
    path = tmp_path_factory.mktemp("model") / "random.gguf"
    write_random_gguf(path)
    return str(path)
