"""`hermes-gguf bench` as a real process, and the flag that keeps nothing on disk."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hermes_gguf.cli.loading import load_chat_model
from hermes_gguf.cli.model_flags import ModelFlags
from hermes_gguf.engine.llama import recall
from hermes_gguf.messages import UserMessage
from tests.cli.conftest import Run
from tests.support.random_gguf import write_random_gguf


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_gguf(tmp_path_factory.mktemp("bench") / "random.gguf")


def test_a_table_on_stdout_and_files_where_they_were_asked_for(
    hermes: Run, model_path: Path, tmp_path: Path
) -> None:
    figures, plot = tmp_path / "figures.json", tmp_path / "plot.svg"
    done = hermes(
        "bench", "-m", str(model_path), "--quick", "--ctx", "1536",
        "--json", str(figures), "--plot", str(plot),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = json.loads(figures.read_text())
    assert data["n_ctx"] == 1536
    for measurement in data["measurements"]:
        assert measurement["title"] in done.stdout
    assert "loading" in done.stderr
    assert ElementTree.fromstring(plot.read_text()).tag.endswith("svg")


@pytest.mark.parametrize("option", ["--json", "--plot"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_measured(
    hermes: Run, model_path: Path, tmp_path: Path, option: str
) -> None:
    where = tmp_path / "missing" / "file"
    done = hermes("bench", "-m", str(model_path), option, str(where))
    assert done.returncode == 2
    assert option in done.stderr
    assert "missing" in done.stderr
    assert "loading" not in done.stderr


@pytest.mark.parametrize("no_disk_cache", [False, True])
def test_no_disk_cache_keeps_nothing(
    model_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_disk_cache: bool,
) -> None:
    monkeypatch.setattr(recall, "DISK_WORTH_S", 0.0)
    monkeypatch.setenv("HERMES_GGUF_CONFIG_DIR", str(tmp_path / "config"))
    flags = ModelFlags(model=str(model_path), no_disk_cache=no_disk_cache)
    with load_chat_model(flags, cache_dir=tmp_path) as loaded:
        question = UserMessage("Tell me all that you know of the sea. " * 8)
        loaded.chat.complete([question], max_tokens=4)
    kept = list(tmp_path.glob("prefixes/*.prefix"))
    assert bool(kept) is not no_disk_cache


@pytest.mark.parametrize(("columns", "has_bars"), [("60", False), ("80", True)])
def test_a_narrow_window_has_room_for_the_notes_and_not_for_bars(
    hermes: Run, columns: str, has_bars: bool
) -> None:
    done = hermes("bench", "tiny", "--quick", env={"COLUMNS": columns})
    assert done.returncode == 0, done.stderr
    assert ("█" in done.stdout) is has_bars
    assert "tokens forced" in " ".join(done.stdout.split())
    assert len(done.stdout.splitlines()) < 20
