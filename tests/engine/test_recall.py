"""What left the KV cache comes back from memory or disk instead of being read again."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from hermes_gguf.engine.base import GenerationRequest, Piece
from hermes_gguf.engine.llama import recall as recall_module
from hermes_gguf.engine.llama.recall import TieredRecall
from hermes_gguf.engine.load import load_engine, open_prefix_store
from hermes_gguf.engine.prefix_store import PrefixStore
from hermes_gguf.options import LoadOptions, SamplingOptions
from hermes_gguf.prompt.rendered import Prompt
from tests.engine.clients import (
    check_caches,
    expected_answer,
    make_client,
    make_scheduler,
    run_until_idle,
)
from tests.engine.fake_context import FakeContext, Source

N_CTX = 512
GREEDY = SamplingOptions(temperature=0)
TOOLS = "in the name of the tools and their names " * 12


class Refused(Source):
    """A state that there is no memory for, whatever was said to be free."""

    def save(self) -> np.ndarray:
        raise MemoryError


def tiered(
    store: PrefixStore | None = None, free: int = 1 << 30, turned_key: str = ""
) -> TieredRecall:
    return TieredRecall(
        store,
        key="k",
        title="t",
        free_bytes=lambda: free,
        n_ctx=N_CTX,
        turned_key=turned_key,
    )


def test_a_state_that_memory_cannot_hold_is_given_up():
    recall = tiered()
    recall.keep_dropped([1] * 99, 9.0, Source())
    recall.keep_dropped([2] * 99, 9.0, Refused())
    assert recall.find([1] * 99, n_have=0) is None


def test_what_is_longer_than_the_context_is_left_on_the_disk(tmp_path):
    """An engine with more context kept it: loading it would empty this one."""
    store = PrefixStore(tmp_path, budget_bytes=1 << 20)
    for length, tokens in ((N_CTX + 1, [1, 2]), (N_CTX, [3, 4])):
        store.save(tokens * length, Source().save(), key="k")
        store.save((tokens * length)[:length], Source().save(), key="k")
    recall = tiered(store)
    assert recall.find([1, 2] * 100, n_have=0) is None
    found = recall.find([3, 4] * 100, n_have=0)
    assert found is not None
    assert len(found[0]) == N_CTX
    recall.keep_read([1, 2] * 100, 9.0, Source())
    recall.close()
    assert recall.find([1, 2] * 100, n_have=0) is not None


def test_what_was_quick_to_read_is_not_kept(tmp_path):
    store = PrefixStore(tmp_path, budget_bytes=1 << 20)
    recall = tiered(store)
    source = Source()
    recall.keep_dropped([1] * 99, 0.01, source)
    recall.keep_read([1] * 99, 0.01, source)
    recall.close()
    assert (store.entries(), source.copies) == ([], 0)


@pytest.mark.parametrize(
    ("n_bytes", "free", "budget", "kept"),
    [
        (750, 1000, 9999, True),
        (751, 1000, 9999, False),
        (500, -3000, 9999, False),
        (500, 1 << 30, 499, False),
    ],
)
def test_what_memory_or_disk_have_no_room_for_is_not_even_copied(
    tmp_path, n_bytes, free, budget, kept
):
    store = PrefixStore(tmp_path, budget_bytes=budget)
    recall, source = tiered(store, free), Source(n_bytes)
    recall.keep_read([1] * 99, 9.0, source)
    recall.close()
    assert bool(source.copies) == bool(store.entries()) == kept


def test_a_copy_that_memory_refuses_is_not_written(tmp_path):
    recall = tiered(PrefixStore(tmp_path, budget_bytes=9999))
    recall.keep_read([1] * 99, 9.0, Refused())
    recall.close()
    assert recall.find([1] * 99, n_have=0) is None


def test_what_is_on_disk_is_not_written_again(tmp_path):
    store = PrefixStore(tmp_path, budget_bytes=1 << 20)
    recall = tiered(store)
    recall.keep_read([1] * 100, 9.0, Source())
    recall.close()
    for tokens in ([1] * 100, [1] * 60, [1] * 110):
        again = Source()
        recall.keep_read(tokens, 9.0, again)
        assert again.copies == 0
    recall.keep_read([1] * 200, 9.0, Source())
    recall.close()
    assert sorted(e.n_tokens for e in store.entries()) == [100, 200]
    assert recall.find([1] * 300, n_have=190) is None
    assert len(recall.find([1] * 300, n_have=150)[0]) == 200


def test_a_conversation_that_was_displaced_comes_back_whole():
    context = FakeContext(n_batch=64, n_sequences=1)
    scheduler, slots = make_scheduler(context)
    scheduler._recall = tiered()
    first = [t % 50 for t in range(200)]
    for prompt in (first, [9] * 100, [*first, 3]):
        client = make_client(prompt, 4)
        scheduler.submit(client.job)
        run_until_idle(scheduler)
        assert client.answer == expected_answer(prompt, 4)
        check_caches(context, slots)
    assert client.items[-2].usage.cached_tokens == 200


def test_a_state_that_does_not_fit_is_read_again():
    context = FakeContext(n_batch=64, n_sequences=1)
    scheduler, slots = make_scheduler(context)
    scheduler._recall = tiered()
    first = [t % 50 for t in range(200)]
    context.restore = lambda sequence, state: False
    for prompt in (first, [9] * 100, [*first, 3]):
        client = make_client(prompt, 4)
        scheduler.submit(client.job)
        run_until_idle(scheduler)
    assert client.answer == expected_answer([*first, 3], 4)
    assert client.items[-2].usage.cached_tokens == 0
    check_caches(context, slots)


def ask(path: Path, cache: Path, question: str, **options: object) -> tuple[str, int]:
    loaded = LoadOptions(**{"kv_type": "f32", **options})  # type: ignore[arg-type]
    prompt = Prompt(TOOLS + question, preamble_end=len(TOOLS))
    with load_engine(path, options=loaded, cache_dir=cache) as engine:
        request = GenerationRequest(prompt=prompt, sampling=GREEDY, max_tokens=20)
        *items, finish = engine.generate(request)
    text = "".join(item.text for item in items if isinstance(item, Piece))
    return text, finish.usage.cached_tokens


def test_a_preamble_is_read_once_across_restarts(model_path, tmp_path, monkeypatch):
    monkeypatch.setattr(recall_module, "DISK_WORTH_S", 1e-6)
    cold = ask(model_path, tmp_path / "none", "why?", disk_cache=False)
    assert cold[1] == 0
    assert not (tmp_path / "none").exists()

    cache = tmp_path / "cache"
    ask(model_path, cache, "who?")
    warm = ask(model_path, cache, "why?")
    assert warm[0] == cold[0]
    assert warm[1] > 100
    assert not any("prefix-writer" in t.name for t in threading.enumerate())

    # Another cache type has another key, and damage is not believed.
    store = open_prefix_store(cache)
    n_before = len(store.entries())
    loaded = LoadOptions(kv_type="f16")
    with load_engine(model_path, options=loaded, cache_dir=cache) as engine:
        request = GenerationRequest(prompt=Prompt(TOOLS), max_tokens=1)
        assert list(engine.generate(request))[-1].usage.cached_tokens == 0
    for entry in store.entries():
        data = bytearray(entry.path.read_bytes())
        data[-100] ^= 0xFF
        entry.path.write_bytes(data)
    assert ask(model_path, cache, "why?") == cold
    assert n_before >= 1


@pytest.mark.parametrize(
    "options",
    [
        {"kv_type": "f16", "flash_attention": False},
        {"kv_type": "f16", "flash_attention": True},
        {"kv_type": "q8_0"},
    ],
)
def test_rounded_caches_are_kept_too(model_path, tmp_path, monkeypatch, options):
    monkeypatch.setattr(recall_module, "DISK_WORTH_S", 1e-6)
    ask(model_path, tmp_path, "who?", **options)
    text, n_cached = ask(model_path, tmp_path, "who?", **options)
    assert n_cached > 100
    assert text


@pytest.mark.parametrize("kv_type", ["f16", "f32"])
@pytest.mark.parametrize("flash_attention", [False, True])
def test_what_was_read_in_one_way_is_found_by_the_other(
    model_path, tmp_path, monkeypatch, kv_type, flash_attention
):
    """Which one is taken depends on the memory that is free."""
    monkeypatch.setattr(recall_module, "DISK_WORTH_S", 1e-6)
    options = {"kv_type": kv_type, "flash_attention": not flash_attention}
    cold = ask(model_path, tmp_path / "none", "why?", disk_cache=False, **options)
    first = {"kv_type": kv_type, "flash_attention": flash_attention}
    ask(model_path, tmp_path, "who?", **first)
    n_files = len(open_prefix_store(tmp_path).entries())
    text, n_cached = ask(model_path, tmp_path, "why?", **options)
    assert n_cached > 100
    assert text == cold[0]
    # And it is not written a second time.
    assert len(open_prefix_store(tmp_path).entries()) == n_files


def test_what_is_laid_out_otherwise_is_read_again_and_kept(tmp_path):
    store = PrefixStore(tmp_path, budget_bytes=1 << 20)
    store.save([1] * 100, Source().save(), key="other")
    recall = tiered(store, turned_key="other")
    assert recall.find([1] * 100, n_have=0) is None
    recall.keep_read([1] * 100, 9.0, Source())
    recall.close()
    assert {entry.key for entry in store.entries()} == {"k", "other"}


def test_no_memory_is_taken_for_turning_where_it_is_short(tmp_path):
    store = PrefixStore(tmp_path, budget_bytes=1 << 20)
    store.save([1] * 100, Source(750).save(), key="other")
    recall = tiered(store, free=999, turned_key="other")
    assert recall.find([1] * 100, n_have=0) is None


def test_another_file_under_the_same_name_finds_nothing(
    model_path, tmp_path, monkeypatch
):
    from tests.support.random_gguf import write_random_gguf

    monkeypatch.setattr(recall_module, "DISK_WORTH_S", 1e-6)
    path = tmp_path / "model.gguf"
    path.write_bytes(model_path.read_bytes())
    ask(path, tmp_path, "who?")
    write_random_gguf(path, quant="f32", seed=5)
    assert ask(path, tmp_path, "who?")[1] == 0
