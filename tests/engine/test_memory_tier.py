"""States in memory make way for other programs, also while nobody asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.engine import load
from hermes_gguf.engine.llama import hardware
from hermes_gguf.engine.llama.fitting import Fit
from hermes_gguf.engine.llama.gguf_file import GgufHeader
from hermes_gguf.engine.llama.memory_tier import MemoryTier
from hermes_gguf.options import LoadOptions
from tests.engine.fake_context import Source

WATCH_S = 0.02


class Machine:
    """Memory of `total` bytes that the states share with one other program."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.other = 0
        self.earlier = threading.enumerate()
        self.tier = MemoryTier(self.free_bytes, watch_s=WATCH_S)

    def free_bytes(self) -> int:
        return max(0, self.total - self.other - self.tier.size_bytes())

    def put(self, name: int, n_bytes: int) -> int:
        """Offer a state of that size; how often it was copied."""
        source = Source(n_bytes)
        self.tier.put([name] * 40, source)
        return source.copies

    def kept(self, names: range) -> list[int]:
        found = {name: self.tier.find([name] * 50) for name in names}
        return [name for name, tokens in found.items() if tokens == [name] * 40]

    def watchers(self) -> list[threading.Thread]:
        """Threads that did not exist before."""
        named = [t for t in threading.enumerate() if t.name == "hermes-gguf-memory"]
        return [thread for thread in named if thread not in self.earlier]


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine(10_000)
    yield made
    made.tier.close()


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def test_the_latest_are_kept_within_a_fifth_of_what_is_free(machine):
    for name in range(10):
        machine.put(name, 300)
    assert machine.kept(range(10)) == [4, 5, 6, 7, 8, 9]
    assert machine.tier.size_bytes() == 1800


def test_a_state_that_is_too_large_is_not_copied_and_drives_out_no_other(machine):
    assert machine.put(0, 300) == 1
    assert machine.put(1, 2001) == 0
    assert machine.kept(range(2)) == [0]


def test_the_oldest_make_way_when_another_program_takes_memory(machine):
    for name in range(6):
        machine.put(name, 300)
    machine.other = 6_500
    assert wait_for(lambda: machine.tier.size_bytes() <= 700)
    assert machine.kept(range(6)) == [4, 5]
    machine.other = 0
    time.sleep(3 * WATCH_S)
    assert machine.kept(range(6)) == [4, 5]


def test_everything_goes_and_the_thread_ends_when_nothing_is_free(machine):
    machine.put(0, 300)
    assert len(machine.watchers()) == 1
    machine.other = 10_000
    assert wait_for(lambda: machine.tier.size_bytes() == 0 and not machine.watchers())
    machine.other = 0
    machine.put(1, 300)
    assert machine.kept(range(2)) == [1]
    assert len(machine.watchers()) == 1


def test_a_state_that_made_way_between_find_and_take_is_none(machine):
    machine.put(0, 300)
    tokens = machine.tier.find([0] * 40)
    machine.tier.clear()
    assert machine.tier.take(tokens) is None


def test_close_leaves_no_thread_and_no_memory(machine):
    machine.put(0, 300)
    machine.tier.close()
    assert machine.tier.size_bytes() == 0
    assert not machine.watchers()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 900), st.integers(0, 9))))
def test_no_order_of_states_and_pressure_exceeds_the_share(steps):
    machine = Machine(10_000)
    for name, n_bytes, other in steps:
        machine.other = 1_000 * other
        held = machine.tier.size_bytes()
        machine.put(name, n_bytes)
        # A machine that is short of memory says that nothing is free, not how much
        # it lacks; what is held is ours to give in any case.
        ours = max(10_000 - machine.other, held)
        assert machine.tier.size_bytes() <= 0.2 * ours
    machine.tier.close()


@pytest.mark.parametrize(
    ("system", "options", "free_bytes"),
    [
        # The weights are read with each token, and Linux counts their pages as free.
        ("linux", LoadOptions(), 700),
        ("linux", LoadOptions(draft_model="small.gguf"), 600),
        ("linux", LoadOptions(use_mmap=False), 1000),
        ("linux", LoadOptions(use_mlock=True), 1000),
        ("darwin", LoadOptions(), 1000),
    ],
    ids=str,
)
def test_what_the_weights_take_is_not_free_for_states(
    monkeypatch, system, options, free_bytes
):
    monkeypatch.setattr(hardware, "available_bytes", lambda: 1000)
    monkeypatch.setattr(hardware.sys, "platform", system)
    fit = Fit(2048, 1, weights_bytes=300)
    draft = GgufHeader({}, 1, 100, 100) if options.draft_model else None
    mapped_bytes = load._mapped_bytes(options, fit, draft)
    assert hardware.available_beside(mapped_bytes) == free_bytes
