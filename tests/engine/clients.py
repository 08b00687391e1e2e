"""Clients of a scheduler above a fake context, and what they must be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from hermes_gguf.engine.base import Piece
from hermes_gguf.engine.llama.answer import Step
from hermes_gguf.engine.llama.batch import Logits
from hermes_gguf.engine.llama.batch_cost import BatchCost
from hermes_gguf.engine.llama.guesses import Guesses
from hermes_gguf.engine.llama.job import Job, StreamEnd
from hermes_gguf.engine.llama.scheduler import Scheduler
from hermes_gguf.engine.llama.slots import SlotPool
from tests.engine.fake_context import N_VOCAB, FakeContext, next_token


@dataclass
class GreedyWriter:
    """Takes the likeliest token; every third one forces two more after it."""

    n_max: int
    prompt: list[int]
    fails_at: int = -1
    guess_right: int = 0
    #: Tokens that it says are dictated though they are not.
    lies: frozenset[int] = frozenset()
    tokens: list[int] = field(default_factory=list)
    n_forced_tokens: int = 0
    closed: int = 0
    is_complete: bool = True
    stop_text: str | None = None

    def begin(self, prompt: list[int]) -> Step:
        return Step([], None, "length" if self.n_max == 0 else None)

    def advance(self, logits: Logits) -> Step:
        if len(self.tokens) >= self.fails_at >= 0:
            raise ZeroDivisionError
        run = with_forced(int(logits.argmax()))[: self.n_max - len(self.tokens)]
        self.tokens += run
        done = len(self.tokens) >= self.n_max
        return Step(run, Piece("", tuple(run)), "length" if done else None)

    def propose(self, limit: int) -> Guesses:
        """The true continuation, wrong from a varying place on."""
        known = self.prompt + self.tokens
        wrong_from = self.guess_right + len(self.tokens) % 3
        guesses = Guesses()
        while len(guesses.tokens) < limit:
            run = with_forced(next_token(known + guesses.tokens))
            for at, token in enumerate(run[: limit - len(guesses.tokens)]):
                index = len(guesses.tokens)
                dictated = at > 0 or (index > 0 and token in self.lies)
                wrong = index >= wrong_from
                guess = (token + wrong) % N_VOCAB
                guesses.append(guess, 0.9, is_chosen=not dictated)
        return guesses

    def close(self) -> None:
        self.closed += 1


def with_forced(token: int) -> list[int]:
    return [token, 1, 2] if token % 3 == 0 else [token]


def expected_answer(prompt: list[int], n_max: int) -> list[int]:
    tokens: list[int] = []
    while len(tokens) < n_max:
        tokens += with_forced(next_token(prompt + tokens))
    return tokens[:n_max]


@dataclass
class Client:
    job: Job
    writer: GreedyWriter
    items: list[object]

    @property
    def answer(self) -> list[int]:
        pieces = [item for item in self.items if isinstance(item, Piece)]
        return [token for piece in pieces for token in piece.token_ids]

    @property
    def ended(self) -> bool:
        return isinstance(self.items[-1], StreamEnd) if self.items else False


def make_client(
    prompt: list[int],
    n_max: int,
    *,
    priority: int = 0,
    fails_at: int = -1,
    n_preamble: int = 0,
    guess_right: int = 0,
    lies: frozenset[int] = frozenset(),
) -> Client:
    items: list[object] = []
    writer = GreedyWriter(n_max, list(prompt), fails_at, guess_right, lies)
    job = Job(
        list(prompt), writer, items.append, priority=priority, n_preamble=n_preamble
    )
    return Client(job, writer, items)


def make_scheduler(
    context: FakeContext, n_shelf: int = 0
) -> tuple[Scheduler, SlotPool]:
    slots = SlotPool(context, n_slots=context.n_sequences - n_shelf)
    ticks = count()
    return Scheduler(
        context, slots, clock=lambda: float(next(ticks)), cost=Cheap()
    ), slots


class Cheap(BatchCost):
    """Every guess is worth a try."""

    def worth(self, n_sure: int, chances: object, is_chosen: object) -> int:
        return len(chances)


def run_until_idle(scheduler: Scheduler, limit: int = 2000) -> None:
    for _ in range(limit):
        if scheduler.is_idle:
            return
        scheduler.step()
    raise AssertionError("the scheduler never became idle")


def check_caches(context: FakeContext, slots: SlotPool) -> None:
    for slot in [*slots.slots, *slots.shelf]:
        assert slot.tokens == context.sequences[slot.sequence]
