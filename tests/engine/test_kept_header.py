"""Headers that were checked are kept, for files that are as they were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hermes_gguf.engine.llama import kept_header
from hermes_gguf.engine.llama.gguf_file import read_gguf_header
from hermes_gguf.engine.llama.kept_header import read_kept_header
from hermes_gguf.errors import ModelLoadError
from tests.support.random_gguf import write_random_gguf


@pytest.fixture(autouse=True)
def small_ones_are_kept(monkeypatch) -> None:
    monkeypatch.setattr(kept_header, "_WORTH_TOKENS", 0)


@pytest.fixture
def model(tmp_path) -> Path:
    return write_random_gguf(tmp_path / "model.gguf")


@pytest.fixture
def kept(tmp_path) -> Path:
    return tmp_path / "headers"


def record_in(folder: Path) -> Path:
    (record,) = folder.iterdir()
    return record


def never_read(monkeypatch) -> None:
    def refuse(path: object) -> None:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(kept_header, "read_gguf_header", refuse)


def test_a_header_is_read_once(model, kept, monkeypatch):
    first = read_kept_header(model, kept)
    assert first == read_gguf_header(model)
    never_read(monkeypatch)
    assert read_kept_header(model, kept) == first
    monkeypatch.chdir(model.parent)
    assert read_kept_header(model.name, kept).metadata == first.metadata


def test_a_split_model_keeps_all_its_parts(tmp_path, kept, monkeypatch):
    write_random_gguf(tmp_path / "parts.gguf", split_max_tensors=8)
    parts = sorted(tmp_path.glob("parts-*.gguf"))
    first = read_kept_header(parts[0], kept)
    assert list(first.files) == parts
    with monkeypatch.context() as patched:
        never_read(patched)
        assert read_kept_header(parts[0], kept) == first
    parts[1].unlink()
    with pytest.raises(ModelLoadError, match="is missing"):
        read_kept_header(parts[0], kept)


def cut_it(model: Path) -> None:
    os.truncate(model, model.stat().st_size // 2)


def spoil_it(model: Path) -> None:
    data = bytearray(model.read_bytes())
    data[4] = 99
    model.write_bytes(data)


@pytest.mark.parametrize("damage", [cut_it, spoil_it, Path.unlink])
def test_a_file_that_changed_is_checked_anew(model, kept, damage):
    read_kept_header(model, kept)
    damage(model)
    with pytest.raises(ModelLoadError):
        read_kept_header(model, kept)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"files": []}', '{"files": ["model.gguf"]}']
)
def test_a_damaged_record_is_made_anew(model, kept, text):
    first = read_kept_header(model, kept)
    whole = record_in(kept).read_bytes()
    record_in(kept).write_text(text)
    assert read_kept_header(model, kept) == first
    assert record_in(kept).read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_error(model, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert read_kept_header(model, tmp_path / "file").n_tensors


def test_a_damaged_file_leaves_no_record(model, kept):
    spoil_it(model)
    with pytest.raises(ModelLoadError):
        read_kept_header(model, kept)
    assert not kept.exists()


def test_a_small_vocabulary_is_not_worth_a_record(model, kept, monkeypatch):
    monkeypatch.undo()
    read_kept_header(model, kept)
    assert not kept.exists()
