from __future__ import annotations

import errno
import os
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.engine import prefix_store
from hermes_gguf.engine.prefix_store import PrefixStore
from tests.support.full_disk import full_disk

STATE = np.arange(1000, dtype=np.uint8)


def holds(store: PrefixStore, tokens: list[int]) -> bool:
    found = store.find(tokens, key="k")
    return found is not None and found[1] == len(tokens)


@pytest.fixture
def store(tmp_path: Path) -> PrefixStore:
    return PrefixStore(tmp_path / "prefixes", budget_bytes=10_000)


def reopened(store: PrefixStore) -> PrefixStore:
    return PrefixStore(store._folder, budget_bytes=store._budget_bytes)


def test_what_was_saved_is_found_by_a_later_process(store):
    assert store.save([1, 2, 3], STATE, key="k", title="a model")
    again = reopened(store)
    path, n_shared = again.find([1, 2, 3, 4], key="k")
    tokens, state = again.load(path)
    assert (n_shared, tokens) == (3, [1, 2, 3])
    assert np.array_equal(state, STATE)
    (entry,) = again.entries()
    assert (entry.title, entry.n_tokens, entry.key) == ("a model", 3, "k")


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=8), max_size=6),
    st.lists(st.integers(0, 2), min_size=1, max_size=8),
)
def test_the_longest_common_prefix_is_found(tmp_path_factory, saved, wanted):
    store = PrefixStore(tmp_path_factory.mktemp("p"), budget_bytes=1 << 20)
    for tokens in saved:
        store.save(tokens, STATE[:4], key="k")
    shared = [len(os.path.commonprefix([tokens, wanted])) for tokens in saved]
    found = reopened(store).find(wanted, key="k")
    assert (found[1] if found else 0) == max(shared, default=0)


def test_a_file_may_be_written_while_others_are_looked_up(store, monkeypatch):
    compare = prefix_store._shared
    writers: list[threading.Thread] = []

    def write_meanwhile(a, b):
        if not writers:
            writing = threading.Thread(
                target=store.save, args=([7], STATE[:4]), kwargs={"key": "k"}
            )
            writers.append(writing)
            writing.start()
            writing.join(timeout=5)
        return compare(a, b)

    store.save([1, 2], STATE[:4], key="k")
    store.save([1, 3], STATE[:4], key="k")
    monkeypatch.setattr(prefix_store, "_shared", write_meanwhile)
    assert store.find([1, 2, 3], key="k")[1] == 2
    writers[0].join()
    assert holds(store, [7])


def test_another_model_or_build_finds_nothing(store):
    store.save([1, 2, 3], STATE, key="k")
    assert store.find([1, 2, 3], key="other") is None
    assert holds(store, [1, 2])
    assert not holds(store, [1, 2, 3, 4])


@pytest.mark.parametrize(
    "where", ["magic", "header", "tokens", "state", "cut", "empty"]
)
def test_a_damaged_file_is_skipped_and_removed(store, where):
    store.save([1, 2, 3], STATE, key="k")
    (path,) = store._folder.iterdir()
    data = bytearray(path.read_bytes())
    at = {"magic": 2, "header": 20, "tokens": -len(STATE) - 3, "state": -7}.get(where)
    if at is not None:
        data[at] ^= 0xFF
    path.write_bytes({"cut": bytes(data[:-600]), "empty": b""}.get(where, bytes(data)))
    again = reopened(store)
    found = again.find([1, 2, 3], key="k")
    assert found is None or again.load(found[0]) is None
    again.entries()
    assert list(store._folder.iterdir()) == []
    assert again.find([1, 2, 3], key="k") is None


def test_the_least_recently_used_make_room(store):
    for index in range(20):
        assert store.save([index], STATE, key="k")
        path, _ = store.find([index], key="k")
        os.utime(path, (index, index))
    found = [entry.size_bytes for entry in store.entries()]
    assert sum(found) <= 10_000
    assert holds(store, [19])
    assert not holds(store, [0])


def test_reading_counts_as_use(store):
    for index in range(3):
        store.save([index], STATE, key="k")
        os.utime(store.find([index], key="k")[0], (index, index))
    store.load(store.find([0], key="k")[0])
    store.prune(2 * store.entries()[0].size_bytes)
    assert holds(store, [0])
    assert not holds(store, [1])


def test_what_was_used_last_stays_also_where_the_clock_was_set_back(store):
    tomorrow = time.time() + 86_400
    for index in range(4):
        store.save([index], STATE, key="k")
        os.utime(store.find([index], key="k")[0], (tomorrow + index,) * 2)
    store.load(store.find([0], key="k")[0])
    store.save([9], STATE, key="k")
    store.prune(2 * store.entries()[0].size_bytes)
    assert [n for n in range(10) if holds(store, [n])] == [0, 9]


def test_a_disk_that_refuses_costs_nothing_of_what_is_there(store):
    kept = [[n] * 3 for n in range(8)]
    for tokens in kept:
        assert store.save(tokens, STATE, key="k")
    with full_disk():
        assert not store.save([9, 9], STATE, key="k")
    assert all(holds(store, tokens) for tokens in kept)


def test_saving_a_prompt_again_removes_no_other(store):
    for tokens in [[1, 1], [2, 2], [1, 1]] * 3:
        assert store.save(tokens, np.arange(4000, dtype=np.uint8), key="k")
    assert holds(store, [1, 1])
    assert holds(store, [2, 2])


def test_saving_takes_no_second_copy_of_the_state(tmp_path):
    store = PrefixStore(tmp_path, budget_bytes=1 << 30)
    state = np.zeros(32 << 20, dtype=np.uint8)
    tracemalloc.start()
    assert store.save([1, 2, 3], state, key="k")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


def test_what_is_larger_than_the_budget_is_not_written(store):
    assert not store.save([1], np.zeros(20_000, dtype=np.uint8), key="k")
    assert store.entries() == []


def test_a_folder_that_cannot_be_written_costs_nothing_else(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = PrefixStore(blocked / "prefixes", budget_bytes=10_000)
    assert not store.save([1], STATE, key="k")
    assert store.find([1], key="k") is None
    assert store.clear() == 0


def test_clearing_removes_everything_a_killed_writer_left_too(store):
    store.save([1], STATE, key="k")
    left = store._folder / "x.tmp"
    left.write_bytes(b"half")
    os.utime(left, (time.time() - 7200,) * 2)
    fresh = store._folder / "y.tmp"
    fresh.write_bytes(b"being written")
    assert store.clear() > 0
    assert list(store._folder.iterdir()) == [fresh]


def test_a_damaged_file_is_not_mapped_any_more_when_it_is_removed(store, monkeypatch):
    store.save([1, 2, 3], STATE, key="k")
    path, _ = store.find([1, 2, 3], key="k")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    unlink = Path.unlink

    def refuse_mapped(file: Path, missing_ok: bool = False) -> None:
        # What Windows does.
        if str(file) in Path("/proc/self/maps").read_text():
            raise PermissionError(13, "the file is in use", str(file))
        unlink(file, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse_mapped)
    assert store.load(path) is None
    assert not path.exists()


def test_a_disk_that_is_only_read_gives_what_it_has(store, monkeypatch):
    store.save([1, 2, 3], STATE, key="k")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuse)
    assert holds(reopened(store), [1, 2, 3])


@pytest.mark.parametrize("refused", [errno.EMFILE, errno.EACCES, errno.EIO])
def test_a_file_that_cannot_be_opened_just_now_is_left_alone(
    store, monkeypatch, refused
):
    store.save([1, 2, 3], STATE, key="k")
    (path,) = store._folder.iterdir()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(refused, os.strerror(refused))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        patch.setattr(np, "memmap", refuse)
        again = reopened(store)
        assert again.find([1, 2, 3], key="k") is None
        assert again.load(path) is None
        assert again.entries() == []
    assert holds(again, [1, 2, 3])


def test_only_what_could_be_removed_counts_as_freed(store, monkeypatch):
    store.save([1], STATE, key="k")
    store.save([2], STATE, key="k")
    kept = store.find([1], key="k")[0]
    unlink = Path.unlink

    def refuse(file: Path, missing_ok: bool = False) -> None:
        if file == kept:
            raise PermissionError(13, "the file is in use", str(file))
        unlink(file, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    sizes = {entry.path: entry.size_bytes for entry in store.entries()}
    assert store.clear() == sum(sizes.values()) - sizes[kept]
