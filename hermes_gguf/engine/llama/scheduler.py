"""Which tokens the next decode evaluates, for all requests at once.

Pure: one `step` builds a batch from the next tokens of every answer and fills it up
with chunks of prompts, decodes it, and lets every answer choose on. It owns no
thread; only `cancel` may be called from others.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from ...errors import GenerationError, HermesError
from ..base import PrefillProgress
from .answer import Step
from .batch import Batch, Context, DecodeStatus
from .batch_cost import BatchCost
from .draft import MAX_DRAFT_TOKENS
from .guesses import Guesses
from .job import Job
from .pace import Pace
from .recall import NoRecall, Recall
from .slots import SequenceState, Slot, SlotPool, common_prefix

#: With more answers than this at once a batch is full enough without guesses.
_DRAFTING_JOBS = 2


@dataclass(slots=True)
class _Share:
    """A job's part of a batch: its tokens begin at index `first`, guesses follow."""

    job: Job
    first: int
    n_tokens: int
    n_draft: int = 0

    def asks(self, n_guesses: int) -> bool:
        """Whether logits are wanted after the certain tokens and so many guesses."""
        draft = self.job.draft
        return n_guesses == self.n_draft or draft.is_chosen[n_guesses]


class Scheduler:
    """Runs jobs over the sequences of one context."""

    def __init__(
        self,
        context: Context,
        slots: SlotPool,
        *,
        clock: Callable[[], float],
        recall: Recall | None = None,
        cost: BatchCost | None = None,
    ) -> None:
        self._context = context
        self._slots = slots
        self._recall = recall or NoRecall()
        slots.on_drop = self._drop
        self._clock = clock
        self._pace = Pace(context.n_batch)
        self._cost = cost or BatchCost()
        self._waiting: list[tuple[int, int, Job]] = []
        self._orders = count()
        self._active: list[Job] = []
        #: Held again where the garbage collector drops a stream, which cancels, on the
        #: thread that holds it.
        self._lock = threading.RLock()
        self._in_batch: dict[int, int] = {}
        self._n_drafted = 0
        #: Jobs to run alone, after a batch of several failed.
        self._suspects: list[Job] = []

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return not self._active and not self._waiting

    def submit(self, job: Job) -> None:
        """Queue a job; lower priority first, then in order of arrival."""
        heapq.heappush(self._waiting, (job.priority, next(self._orders), job))

    def cancel(self, job: Job) -> None:
        """End a job within one decode. Callable from any thread."""
        with self._lock:
            job.cancelled = True
            share = self._in_batch.get(id(job), 0)
            if 2 * share > sum(self._in_batch.values()):
                self._context.set_abort(True)

    def cancel_all(self) -> None:
        """End every job; the running decode ends at once."""
        with self._lock:
            for job in [*self._active, *(entry[2] for entry in self._waiting)]:
                job.cancelled = True
            self._context.set_abort(True)

    def step(self) -> None:
        """Admit, decode one batch, and let the answers choose their next tokens."""
        self._drop_cancelled()
        self._admit()
        batch, shares = self._build()
        if not shares:
            return
        before_s = self._clock()
        status = self._decode(batch, shares)
        if status is DecodeStatus.DONE:
            self._measure(batch, shares, self._clock() - before_s)
            for share in shares:
                self._take(share)
            for share in shares:
                if not share.job.pending:
                    self._choose(share)
        elif status is DecodeStatus.ABORTED:
            self._recover(shares)
        elif status is DecodeStatus.FAILED or not self._slots.evict_idle():
            self._fail(shares)

    def _measure(self, batch: Batch, shares: list[_Share], elapsed_s: float) -> None:
        self._pace.observe(len(batch), elapsed_s)
        if not any(share.job.reading for share in shares):
            self._cost.observe(len(batch), elapsed_s)

    def _decode(self, batch: Batch, shares: list[_Share]) -> DecodeStatus:
        with self._lock:
            if any(share.job.cancelled for share in shares):
                return DecodeStatus.ABORTED
            self._in_batch = {id(share.job): share.n_tokens for share in shares}
            self._context.set_abort(False)
        try:
            return self._context.decode(batch)
        except HermesError:
            # A batch that the context refuses fails like one that it cannot do.
            return DecodeStatus.FAILED
        finally:
            with self._lock:
                self._in_batch = {}

    def _drop_cancelled(self) -> None:
        for job in [job for job in self._active if job.cancelled]:
            self._leave(job)
            job.end("cancelled", self._clock())
        if any(entry[2].cancelled for entry in self._waiting):
            for _, _, job in self._waiting:
                if job.cancelled:
                    job.end("cancelled", self._clock())
            self._waiting = [e for e in self._waiting if not e[2].cancelled]
            heapq.heapify(self._waiting)

    def _admit(self) -> None:
        while self._waiting:
            job = self._waiting[0][2]
            slot = self._slots.acquire(job.prompt)
            if slot is None:
                return
            heapq.heappop(self._waiting)
            job.slot = slot
            # From here on an error, of the kept prompts too, ends this job alone.
            self._active.append(job)
            self._guard(job, lambda job=job: self._begin(job))  # type: ignore[misc]

    def _remember(self, slot: Slot, prompt: list[int]) -> None:
        """Fill the slot from memory or disk where that saves reading."""
        found = self._recall.find(prompt, n_have=len(slot.tokens))
        if found is None:
            return
        tokens, state = found
        self._slots.forget(slot)
        restored = self._context.restore(slot.sequence, state)
        while not restored and self._slots.evict_idle():
            restored = self._context.restore(slot.sequence, state)
        if restored and self._context.length(slot.sequence) == len(tokens):
            slot.tokens = list(tokens)
            shared = common_prefix(tokens, prompt)
            self._slots.forget(slot, keep=min(shared, len(prompt) - 1))
        else:
            self._slots.forget(slot)

    def _drop(self, slot: Slot, n_kept: int) -> None:
        worth_s = self._pace.reading_s(len(slot.tokens) - n_kept)
        state = SequenceState(self._context, slot.sequence)
        self._recall.keep_dropped(slot.tokens, worth_s, state)

    def _keep(self, slot: Slot) -> None:
        worth_s = self._pace.reading_s(len(slot.tokens))
        state = SequenceState(self._context, slot.sequence)
        self._recall.keep_read(slot.tokens, worth_s, state)

    def _begin(self, job: Job) -> None:
        assert job.slot is not None
        self._remember(job.slot, job.prompt)
        job.n_cached = len(job.slot.tokens)
        job.started_s = self._clock()
        # A first batch can take seconds, in which somebody wants to see a sign.
        job.sink(PrefillProgress(job.n_cached, len(job.prompt)))
        step = job.writer.begin(job.prompt)
        job.after_prompt = step
        job.pending = job.prompt[job.n_cached :]
        if step.finish is None:
            job.pending += step.tokens
            job.draft = job.writer.propose(self._draft_limit())

    def _build(self) -> tuple[Batch, list[_Share]]:
        batch = Batch()
        shares: list[_Share] = []
        jobs = self._suspects[:1] or self._active
        answering = [job for job in jobs if not job.reading]
        reading = [job for job in jobs if job.reading]
        room = self._context.n_batch
        self._n_drafted = 0
        for index, job in enumerate(answering):
            # A long forced run must leave room for everyone.
            share = max(1, room // (len(answering) - index))
            room -= self._add(batch, shares, job, min(share, room))
        room = min(room, self._pace.chunk_tokens(others_wait=bool(answering)))
        for index, job in enumerate(reading):
            share = room // (len(reading) - index)
            room -= self._add(batch, shares, job, share)
        return batch, shares

    def _add(self, batch: Batch, shares: list[_Share], job: Job, room: int) -> int:
        assert job.slot is not None
        run = job.pending[:room]
        if not run:
            return 0
        share = _Share(job, len(batch), len(run))
        if len(run) == len(job.pending):
            spare = self._context.max_outputs - len(self._active) - self._n_drafted
            share.n_draft = self._n_worth(batch, job, min(room - len(run), spare))
            self._n_drafted += share.n_draft
            last = share.first + len(run) - 1
            batch.outputs += [
                last + n for n in range(share.n_draft + 1) if share.asks(n)
            ]
        run += job.draft.tokens[: share.n_draft]
        position = len(job.slot.tokens)
        batch.add(run, sequence=job.slot.sequence, position=position)
        shares.append(share)
        return len(run)

    def _n_worth(self, batch: Batch, job: Job, room: int) -> int:
        """How many of a job's guesses to add to the tokens that are certain."""
        room = max(0, room)
        n_sure = len(batch) + len(job.pending)
        draft = job.draft
        return self._cost.worth(n_sure, draft.chances[:room], draft.is_chosen)

    def _take(self, share: _Share) -> None:
        """Note that a job's tokens are in the cache."""
        job = share.job
        assert job.slot is not None
        draft = job.draft.tokens[: share.n_draft]
        job.slot.tokens += job.pending[: share.n_tokens] + draft
        del job.pending[: share.n_tokens]
        if job.reading:
            done = min(len(job.slot.tokens), len(job.prompt))
            job.sink(PrefillProgress(done, len(job.prompt)))

    def _choose(self, share: _Share) -> None:
        job = share.job
        self._guard(job, lambda: self._go_on(share))
        if job in self._suspects:
            self._suspects.remove(job)

    def _go_on(self, share: _Share) -> None:
        job = share.job
        if job.reading:
            self._end_reading(job)
            if job.slot is None:
                return
        assert job.slot is not None
        n_sure = len(job.slot.tokens) - share.n_draft
        step, n_right = self._verify(share)
        job.draft = Guesses()
        # Guesses that did not come true leave the cache before anything else.
        self._slots.forget(job.slot, keep=n_sure + n_right)
        if step.finish is None:
            job.draft = job.writer.propose(self._draft_limit())
        self._apply(job, step)

    def _draft_limit(self) -> int:
        return MAX_DRAFT_TOKENS if len(self._active) <= _DRAFTING_JOBS else 0

    def _verify(self, share: _Share) -> tuple[Step, int]:
        """Let the answer choose tokens as long as the next logits are known.

        Returns the last step, and how many guesses came true.
        """
        job = share.job
        draft = job.draft.tokens[: share.n_draft]
        output = share.first + share.n_tokens - 1
        n_right = 0
        while True:
            step = job.writer.advance(self._context.logits(output + n_right))
            right = common_prefix(step.tokens, draft[n_right:])
            n_right += right
            job.pending = step.tokens[right:]
            if step.finish is not None or job.pending:
                return step, n_right
            if not share.asks(n_right):
                # The grammar was thought to dictate what comes: no logits were asked
                # for, so the last token is evaluated again.
                job.pending = draft[n_right - 1 : n_right]
                return step, n_right - 1
            if step.piece is not None:
                job.sink(step.piece)

    def _end_reading(self, job: Job) -> None:
        job.reading = False
        job.first_token_s = self._clock()
        assert job.slot is not None
        assert job.after_prompt is not None
        if job.n_preamble:
            place = self._slots.keep_preamble(job.slot, job.n_preamble)
            if place is not None:
                self._keep(place)
        self._apply(job, job.after_prompt)

    def _apply(self, job: Job, step: Step) -> None:
        if step.piece is not None:
            job.sink(step.piece)
        if step.finish is not None:
            slot = job.slot
            self._leave(job)
            job.end(step.finish, self._clock())
            if slot is not None:
                self._keep(slot)

    def _guard(self, job: Job, action: Callable[[], None]) -> None:
        """Run a job's own code; its error ends this job alone."""
        try:
            action()
        except HermesError as error:
            self._leave(job)
            job.close(error)
        except Exception as error:
            self._leave(job)
            job.close(GenerationError(f"The answer failed: {error!r}"))

    def _leave(self, job: Job) -> None:
        if job in self._active:
            self._active.remove(job)
        if job in self._suspects:
            self._suspects.remove(job)
        if job.slot is not None:
            self._slots.release(job.slot)
            job.slot = None

    def _recover(self, shares: list[_Share]) -> None:
        """After an abort: keep what was evaluated, at most all but one token."""
        for share in shares:
            job = share.job
            assert job.slot is not None
            known = len(job.slot.tokens)
            kept = self._context.length(job.slot.sequence) - known
            kept = min(kept, share.n_tokens, len(job.pending) - 1)
            self._context.truncate(job.slot.sequence, known + max(kept, 0))
            if kept > 0:
                self._take(_Share(job, share.first, kept))

    def _fail(self, shares: list[_Share]) -> None:
        """A batch failed: one job ends with an error, several are tried alone."""
        if len(shares) > 1:
            for share in shares:
                assert share.job.slot is not None
                held = len(share.job.slot.tokens)
                self._context.truncate(share.job.slot.sequence, held)
            self._suspects = [share.job for share in shares]
            return
        job = shares[0].job
        assert job.slot is not None
        self._slots.forget(job.slot)
        self._leave(job)
        job.close(GenerationError("llama.cpp could not evaluate the tokens."))

    def fail_all(self, error: HermesError) -> None:
        """End every job with `error`; the scheduler is not used afterwards."""
        for job in [*self._active, *(entry[2] for entry in self._waiting)]:
            self._leave(job)
            job.close(error)
        self._waiting.clear()
