"""The tokens of a large vocabulary are kept for the next start."""

from __future__ import annotations

import os

import pytest

from hermes_gguf.engine import load_engine
from hermes_gguf.engine.llama.vocabulary_table import (
    VocabularyTable,
    load_table,
    save_table,
    table_path,
)

PIECES = [b"b", b"", b"\xff\x00", "é".encode(), b"ab", b"b"]
ATTRIBUTES = [4, 8, 32, 4, 4, 1 << 20]
TABLE = VocabularyTable(
    PIECES, ATTRIBUTES, sorted(range(len(PIECES)), key=PIECES.__getitem__)
)


@pytest.fixture
def path(tmp_path):
    path = table_path(tmp_path / "kept", "file", 3)
    save_table(path, TABLE)
    return path


def test_what_is_kept_is_found_again(path):
    table = load_table(path)
    assert table is not None
    assert (table.pieces, table.attributes) == (PIECES, ATTRIBUTES)
    assert [PIECES[token] for token in table.order] == sorted(PIECES)


def test_another_file_has_another_table(tmp_path):
    paths = {table_path(tmp_path, *parts) for parts in (("a", 1), ("a", 2), ("b", 1))}
    assert len(paths) == 3


def test_a_table_of_another_size_is_not_used(model_path, tmp_path):
    stat = os.stat(model_path)
    kept = table_path(
        tmp_path / "vocabularies", str(model_path), stat.st_size, stat.st_mtime_ns
    )
    save_table(kept, TABLE)
    with load_engine(model_path, cache_dir=tmp_path) as engine:
        assert len(engine._vocabulary.pieces) == engine.info.n_vocab


def test_a_damaged_table_is_not_used(path):
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"x" * 100):
        path.write_bytes(damaged)
        assert load_table(path) is None
    spoiled = bytearray(whole)
    spoiled[whole.index(b"\xff\x00")] ^= 1
    path.write_bytes(bytes(spoiled))
    assert load_table(path) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    save_table(tmp_path / "file" / "kept", TABLE)
