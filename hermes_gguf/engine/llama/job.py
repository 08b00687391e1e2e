"""One request on its way through the scheduler.

Pure bookkeeping: which tokens are still to be evaluated, who listens, how long it
took. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from ...errors import EngineError, HermesError
from ...events import FinishReason, Usage
from ..base import EngineFinish, EngineItem
from .answer import Step
from .batch import Logits
from .guesses import Guesses
from .slots import Slot


class Writer(Protocol):
    """Grows an answer; see `answer.Answer`."""

    tokens: list[int]
    n_forced_tokens: int

    def begin(self, prompt: list[int]) -> Step:
        """The tokens that follow the prompt without sampling."""

    def advance(self, logits: Logits) -> Step:
        """Choose the next token and go on."""

    def propose(self, limit: int) -> Guesses:
        """Tokens that may come next, to be verified; at most `limit`."""

    @property
    def is_complete(self) -> bool:
        """Whether the grammar could end here."""

    @property
    def stop_text(self) -> str | None:
        """The stop text that ended the answer."""

    def close(self) -> None:
        """Free what it holds."""


#: The end of a stream: nothing, or the error to raise.
@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The last thing that a sink gets."""

    error: HermesError | None = None


def forked_error() -> EngineError:
    """What a process is told that has a model, but not the thread that runs it."""
    return EngineError(
        "The model was loaded before this process was forked.",
        hint='load it in the new process, or start that one with "spawn"',
    )


Sink: TypeAlias = Callable[[EngineItem | StreamEnd], None]


@dataclass(eq=False)
class Job:
    """A request with its answer so far.

    Attributes:
        prompt: Tokens to read.
        writer: Grows the answer.
        sink: Gets the items, then one `StreamEnd`.
        priority: Lower runs first.
        seed: The seed that the sampler uses, for the report.
        n_preamble: First tokens of the prompt that other requests will share.
        pending: Tokens to evaluate before the next one can be chosen.
        draft: Guesses to evaluate with them, as many as pay.
        slot: The sequence it owns while it runs.
        n_cached: Prompt tokens that were in the cache.
        cancelled: Set from any thread.
    """

    prompt: list[int]
    writer: Writer
    sink: Sink
    priority: int = 0
    seed: int = 0
    n_preamble: int = 0
    pending: list[int] = field(default_factory=list)
    draft: Guesses = field(default_factory=Guesses)
    slot: Slot | None = None
    n_cached: int = 0
    cancelled: bool = False
    started_s: float = 0.0
    first_token_s: float = 0.0
    reading: bool = True
    after_prompt: Step | None = None

    def usage(self, now_s: float) -> Usage:
        """Tokens and seconds up to now."""
        first_s = self.first_token_s or now_s
        return Usage(
            prompt_tokens=len(self.prompt),
            cached_tokens=self.n_cached,
            completion_tokens=len(self.writer.tokens),
            forced_tokens=self.writer.n_forced_tokens,
            prefill_s=max(0.0, first_s - self.started_s) if self.started_s else 0.0,
            decode_s=now_s - first_s,
        )

    def end(self, reason: FinishReason, now_s: float) -> None:
        """Report how it ended, and close the stream."""
        complete = self.writer.is_complete
        stop_text = self.writer.stop_text if reason == "stop" else None
        usage = self.usage(now_s)
        self.sink(EngineFinish(reason, usage, self.seed, complete, stop_text))
        self.close()

    def close(self, error: HermesError | None = None) -> None:
        """Close the stream, with an error or without."""
        self.writer.close()
        self.sink(StreamEnd(error))
