"""No order of arrivals, cancels and ends loses a token, mixes streams, leaks a slot."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.engine.base import EngineFinish, PrefillProgress
from hermes_gguf.engine.llama.batch import Batch, DecodeStatus
from hermes_gguf.engine.llama.batch_cost import BatchCost
from hermes_gguf.engine.llama.job import StreamEnd
from hermes_gguf.engine.llama.recall import NoRecall
from hermes_gguf.engine.llama.scheduler import Scheduler
from hermes_gguf.engine.llama.slots import SlotPool
from hermes_gguf.errors import EngineError, GenerationError
from tests.engine.clients import (
    Client,
    check_caches,
    expected_answer,
    make_client,
    make_scheduler,
    run_until_idle,
)
from tests.engine.fake_context import N_VOCAB, FakeContext

prompts = st.lists(st.integers(0, 4), min_size=1, max_size=30)
#: (prompt, answer length, steps before it arrives, step of its cancel or None)
arrivals = st.lists(
    st.tuples(
        prompts, st.integers(0, 12), st.integers(0, 4), st.none() | st.integers(0, 9)
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(arrivals, st.integers(1, 3), st.integers(0, 2), st.integers(3, 16), st.randoms())
def test_any_interleaving_keeps_every_stream_whole(
    arrivals, n_slots, n_shelf, n_batch, random
):
    context = FakeContext(n_batch=n_batch, n_sequences=n_slots + n_shelf)
    scheduler, slots = make_scheduler(context, n_shelf)
    clients: list[Client] = []
    cancels: dict[int, list[Client]] = {}
    step = 0

    def advance() -> None:
        nonlocal step
        for client in cancels.pop(step, []):
            scheduler.cancel(client.job)
        scheduler.step()
        check_caches(context, slots)
        step += 1

    for prompt, n_max, wait, cancel_after in arrivals:
        client = make_client(
            prompt,
            n_max,
            priority=random.randrange(3),
            n_preamble=random.randrange(len(prompt) + 1),
            guess_right=random.randrange(-2, 9),
            lies=frozenset(random.sample(range(N_VOCAB), random.choice([0, 25]))),
        )
        clients.append(client)
        scheduler.submit(client.job)
        if cancel_after is not None:
            cancels.setdefault(step + cancel_after, []).append(client)
        for _ in range(wait):
            advance()
    while not scheduler.is_idle:
        advance()

    assert not any(slot.busy for slot in slots.slots)
    for client, (prompt, n_max, _, _) in zip(clients, arrivals, strict=True):
        assert client.ended
        assert client.writer.closed == 1
        finish = client.items[-2]
        assert isinstance(finish, EngineFinish)
        expected = expected_answer(prompt, n_max)
        if finish.reason == "cancelled":
            assert client.answer == expected[: len(client.answer)]
        else:
            assert client.answer == expected


def test_a_second_turn_evaluates_only_what_is_new():
    context = FakeContext(n_sequences=1)
    scheduler, _ = make_scheduler(context)
    first = make_client([1, 2, 3, 4, 5], 6)
    scheduler.submit(first.job)
    run_until_idle(scheduler)
    # The last token of an answer is never evaluated by its own generation.
    known = [1, 2, 3, 4, 5, *first.answer][: len(context.sequences[0])]
    second = make_client([*known, 9, 9], 1)
    scheduler.submit(second.job)
    run_until_idle(scheduler)
    assert second.items[-2].usage.cached_tokens == len(known)


def test_guesses_save_decodes_and_change_nothing():
    n_decodes: dict[int, int] = {}
    for guess_right in (-9, 0, 1, 4):
        context = FakeContext(n_batch=16, n_sequences=1)
        scheduler, slots = make_scheduler(context)
        batches: list[int] = []
        context.before_decode = lambda batch, seen=batches: seen.append(len(batch))
        client = make_client([1, 2], 60, guess_right=guess_right)
        scheduler.submit(client.job)
        run_until_idle(scheduler)
        assert client.answer == expected_answer([1, 2], 60)
        check_caches(context, slots)
        n_decodes[guess_right] = len(batches)
    assert n_decodes[4] < n_decodes[1] < n_decodes[0] < n_decodes[-9]
    assert n_decodes[4] < n_decodes[-9] / 2


def test_logits_are_asked_for_only_where_the_model_chooses():
    context = FakeContext(n_batch=16, n_sequences=1)
    scheduler, _ = make_scheduler(context)
    n_tokens, n_rows = [0], [0]

    def count_rows(batch: Batch) -> None:
        n_tokens[0] += len(batch)
        n_rows[0] += len(batch.outputs)

    context.before_decode = count_rows
    client = make_client([1, 2], 60, guess_right=9)
    scheduler.submit(client.job)
    run_until_idle(scheduler)
    assert client.answer == expected_answer([1, 2], 60)
    assert n_rows[0] < 0.8 * n_tokens[0]


def test_a_guess_that_does_not_pay_is_not_tried():
    context = FakeContext(n_batch=16, n_sequences=1)
    slots = SlotPool(context, n_slots=1)
    cost = BatchCost()
    for n_tokens in (1, 2, 4, 8, 16, 32):
        cost.observe(n_tokens, 1.0 * n_tokens)
    # No time passes: nothing is learned on the way.
    scheduler = Scheduler(context, slots, clock=lambda: 0.0, cost=cost)
    batches: list[int] = []
    context.before_decode = lambda batch: batches.append(len(batch))
    client = make_client([1, 2], 30, guess_right=9)
    scheduler.submit(client.job)
    run_until_idle(scheduler)
    assert client.answer == expected_answer([1, 2], 30)
    assert max(batches) <= 3


def test_a_preamble_outlives_the_conversations_between():
    context = FakeContext(n_sequences=2)
    scheduler, slots = make_scheduler(context, n_shelf=1)
    preamble = [7] * 20
    for prompt, n_preamble in (([*preamble, 1], 20), ([3, 3, 3], 0), ([5] * 30, 0)):
        scheduler.submit(make_client(prompt, 2, n_preamble=n_preamble).job)
        run_until_idle(scheduler)
    again = make_client([*preamble, 2], 2, n_preamble=20)
    scheduler.submit(again.job)
    run_until_idle(scheduler)
    assert again.items[-2].usage.cached_tokens == 20
    assert again.answer == expected_answer([*preamble, 2], 2)
    check_caches(context, slots)


@pytest.mark.timeout(20)
def test_a_stream_may_be_dropped_in_the_middle_of_a_decode():
    """The garbage collector runs where it likes, on the scheduler's own thread too."""
    scheduler, slots = make_scheduler(FakeContext(n_sequences=2), n_shelf=0)
    kept, dropped = make_client([1, 2, 3], 4), make_client([4, 5], 9)

    class Collecting(type(kept.job)):
        @property
        def cancelled(self) -> bool:
            # Read while the scheduler holds its lock.
            if kept.answer:
                scheduler.cancel(dropped.job)
            return False

        @cancelled.setter
        def cancelled(self, _: bool) -> None: ...

    kept.job.__class__ = Collecting
    scheduler.submit(kept.job)
    scheduler.submit(dropped.job)
    run_until_idle(scheduler)
    assert kept.answer == expected_answer([1, 2, 3], 4)
    assert dropped.items[-2].reason == "cancelled"
    assert not any(slot.busy for slot in slots.slots)


def test_what_a_cancelled_request_read_is_not_read_again():
    context = FakeContext(n_batch=4, n_sequences=1)
    scheduler, _ = make_scheduler(context)
    prompt = list(range(20))
    client = make_client(prompt, 5)
    scheduler.submit(client.job)
    scheduler.step()
    scheduler.step()
    scheduler.cancel(client.job)
    run_until_idle(scheduler)
    assert client.items[-2].reason == "cancelled"
    again = make_client(prompt, 1)
    scheduler.submit(again.job)
    run_until_idle(scheduler)
    assert again.items[-2].usage.cached_tokens == 8


def test_a_decode_that_is_aborted_keeps_the_others_whole():
    context = FakeContext(n_batch=16, n_sequences=2)
    scheduler, slots = make_scheduler(context)
    long, short = make_client(list(range(40)), 3), make_client([1], 8)
    scheduler.submit(short.job)
    scheduler.step()
    scheduler.submit(long.job)
    fired = False

    def cancel_inside(batch: Batch) -> None:
        nonlocal fired
        if not fired and len(batch) > 2:
            fired = True
            scheduler.cancel(long.job)

    context.before_decode = cancel_inside
    run_until_idle(scheduler)
    assert fired
    assert long.items[-2].reason == "cancelled"
    assert short.answer == expected_answer([1], 8)
    check_caches(context, slots)


def test_a_long_prompt_does_not_stall_a_running_answer():
    context = FakeContext(n_batch=64, n_sequences=2)
    scheduler, _ = make_scheduler(context)
    running = make_client([1], 40)
    scheduler.submit(running.job)
    scheduler.step()
    long = make_client([t % N_VOCAB for t in range(600)], 1)
    scheduler.submit(long.job)
    while not long.ended:
        before = len(running.answer)
        scheduler.step()
        assert len(running.answer) > before or running.ended
    assert any(isinstance(item, PrefillProgress) for item in long.items)


def test_lower_priority_numbers_run_first_and_equals_in_order():
    scheduler, _ = make_scheduler(FakeContext(n_sequences=1))
    ended: list[str] = []
    for name, priority in (("batch", 10), ("first", 0), ("second", 0)):
        client = make_client([1], 2, priority=priority)
        sink = client.job.sink
        client.job.sink = lambda item, name=name, sink=sink: (
            sink(item),
            ended.append(name) if isinstance(item, StreamEnd) else None,
        )
        scheduler.submit(client.job)
    run_until_idle(scheduler)
    assert ended == ["first", "second", "batch"]


def test_a_fault_in_one_answer_ends_that_answer_alone():
    scheduler, slots = make_scheduler(FakeContext())
    bad, good = make_client([1], 9, fails_at=2), make_client([2], 9)
    scheduler.submit(bad.job)
    scheduler.submit(good.job)
    run_until_idle(scheduler)
    assert isinstance(bad.items[-1].error, GenerationError)
    assert good.answer == expected_answer([2], 9)
    assert not any(slot.busy for slot in slots.slots)


def test_a_fault_in_looking_up_kept_prompts_ends_that_answer_alone():
    class Broken(NoRecall):
        def find(self, prompt, *, n_have):
            if prompt == [1]:
                raise ZeroDivisionError
            return None

    context = FakeContext()
    slots = SlotPool(context, n_slots=context.n_sequences)
    scheduler = Scheduler(context, slots, clock=lambda: 0.0, recall=Broken())
    bad, good = make_client([1], 9), make_client([2], 9)
    scheduler.submit(bad.job)
    scheduler.submit(good.job)
    run_until_idle(scheduler)
    assert isinstance(bad.items[-1].error, GenerationError)
    assert good.answer == expected_answer([2], 9)
    assert not any(slot.busy for slot in slots.slots)


@pytest.mark.parametrize("refuses", [False, True])
def test_a_sequence_that_cannot_be_evaluated_ends_alone(refuses):
    context = FakeContext(n_batch=16)
    scheduler, slots = make_scheduler(context)
    poison = 49
    bad, good = make_client([3, poison], 4), make_client([2, 2], 9)

    def fail(batch: Batch) -> DecodeStatus | None:
        if poison not in batch.tokens:
            return None
        if refuses:
            raise EngineError("refused")
        return DecodeStatus.FAILED

    context.before_decode = fail
    scheduler.submit(bad.job)
    scheduler.submit(good.job)
    for _ in range(50):
        scheduler.step()
    assert isinstance(bad.items[-1].error, GenerationError)
    assert good.ended
    assert good.writer.closed == 1
    check_caches(context, slots)


def test_a_full_cache_gives_up_idle_sequences_first():
    context = FakeContext(n_sequences=2)
    scheduler, slots = make_scheduler(context)
    for prompt in ([1, 2, 3], [4, 5, 6]):
        scheduler.submit(make_client(prompt, 2).job)
    run_until_idle(scheduler)
    context.before_decode = lambda batch: (
        DecodeStatus.NO_ROOM if sum(map(len, context.sequences)) > 6 else None
    )
    client = make_client([1, 2, 3, 7], 2)
    scheduler.submit(client.job)
    run_until_idle(scheduler)
    assert client.answer == expected_answer([1, 2, 3, 7], 2)
    assert sorted(len(slot.tokens) > 0 for slot in slots.slots) == [False, True]


@pytest.mark.parametrize("n_max", [0, 1])
def test_an_answer_of_no_tokens_still_reads_the_prompt(n_max):
    context = FakeContext()
    scheduler, _ = make_scheduler(context)
    client = make_client([1, 2, 3], n_max)
    scheduler.submit(client.job)
    run_until_idle(scheduler)
    assert client.items[-2].usage.completion_tokens == n_max
    assert [1, 2, 3] in context.sequences
