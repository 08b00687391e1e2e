"""Counts what an engine does, from the items of its answers as they pass.

It decides nothing and holds nothing back. An answer that is closed before its end says
nothing of its cost; what is known of it then was counted on the way.
"""

from __future__ import annotations

import threading
import time
import weakref
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...engine.base import (
    Engine,
    EngineFinish,
    EngineItem,
    Generation,
    GenerationRequest,
    ModelInfo,
    Piece,
    PrefillProgress,
    TokenizeMode,
)
from ...events import Usage
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ...prompt.rendered import Prompt


@dataclass(eq=False)
class _Run:
    """One answer as far as it has come; times are of `time.monotonic`."""

    n_kept: int | None = None
    n_done: int = 0
    n_written: int = 0
    begun_s: float | None = None
    first_s: float | None = None
    usage: Usage | None = None
    is_over: bool = False

    def take(self, item: EngineItem) -> None:
        """Count the next item."""
        match item:
            case PrefillProgress(done, _):
                # What was read before the first batch is what was kept.
                self.n_kept = done if self.n_kept is None else self.n_kept
                self.n_done = done
            case Piece(_, token_ids):
                self.first_s = self.first_s or time.monotonic()
                self.n_written += len(token_ids)
            case EngineFinish():
                self.usage = item.usage

    def cost(self) -> Usage:
        """What it cost, to its end or until now."""
        if self.usage is not None or self.begun_s is None:
            return self.usage or Usage()
        now_s = time.monotonic()
        first_s = self.first_s or now_s
        return Usage(
            prompt_tokens=self.n_done,
            cached_tokens=self.n_kept or 0,
            completion_tokens=self.n_written,
            prefill_s=first_s - self.begun_s,
            decode_s=now_s - first_s,
        )


class Meter:
    """The tally of one process; any thread may ask for it and add to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tally = Tally()

    def tally(self) -> Tally:
        """What was done so far."""
        with self._lock:
            return self._tally

    def wait(self) -> _Run:
        """Another answer waits."""
        with self._lock:
            now = self._tally
            self._tally = replace(now, waiting=now.waiting + 1)
        return _Run()

    def begin(self, run: _Run) -> None:
        """The engine is at work on it."""
        with self._lock:
            if not run.is_over:
                run.begun_s = time.monotonic()
                now = self._tally
                self._tally = Tally(now.usage, now.waiting - 1, now.active + 1)

    def end(self, run: _Run) -> None:
        """It has ended, however it did; a second time changes nothing."""
        with self._lock:
            if run.is_over:
                return
            run.is_over = True
            now, was_active = self._tally, run.begun_s is not None
            self._tally = Tally(
                now.usage + run.cost(),
                now.waiting - (not was_active),
                now.active - was_active,
            )


class MeteredGeneration:
    """A running answer that is counted."""

    def __init__(self, items: Generation, meter: Meter) -> None:
        self._items = items
        self._meter = meter
        self._run = meter.wait()
        # One that nobody ever reads or closes does not wait for ever.
        weakref.finalize(self, meter.end, self._run).atexit = False

    def __iter__(self) -> MeteredGeneration:
        return self

    def __next__(self) -> EngineItem:
        try:
            item = next(self._items)
        except BaseException:
            self._meter.end(self._run)
            raise
        if self._run.begun_s is None:
            self._meter.begin(self._run)
        self._run.take(item)
        if isinstance(item, EngineFinish):
            self._meter.end(self._run)
        return item

    def close(self) -> None:
        """Cancel, also while another thread waits in `next`, which then ends."""
        self._items.close()
        self._meter.end(self._run)


class MeteredEngine:
    """An engine whose answers are counted."""

    def __init__(self, engine: Engine, meter: Meter) -> None:
        self._engine = engine
        self._meter = meter

    @property
    def info(self) -> ModelInfo:
        """What the model is."""
        return self._engine.info

    def tokenize(self, text: str, *, mode: TokenizeMode = "text") -> list[int]:
        """As the engine does."""
        return self._engine.tokenize(text, mode=mode)

    def detokenize(self, token_ids: list[int]) -> bytes:
        """As the engine does."""
        return self._engine.detokenize(token_ids)

    def count_tokens(self, prompt: Prompt) -> int:
        """As the engine does."""
        return self._engine.count_tokens(prompt)

    def require_room(self, prompt: Prompt) -> None:
        """As the engine does."""
        self._engine.require_room(prompt)

    def generate(self, request: GenerationRequest) -> MeteredGeneration:
        """As the engine does, and count it."""
        return MeteredGeneration(self._engine.generate(request), self._meter)

    def pulse(self) -> Hashable | None:
        """As the engine does."""
        return self._engine.pulse()

    def close(self) -> None:
        """As the engine does."""
        self._engine.close()


if TYPE_CHECKING:
    # A type checker says here where it is no engine any more.
    _METERED: type[Engine] = MeteredEngine
