"""Keeps one worker alive: starts it, and starts it again when it crashed.

It decides how often, when one that nobody asks is ended, and what a person at the
terminal reads. It knows no requests beyond their number.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import (
    EngineUnavailableError,
    HermesError,
    ModelLoadingError,
    WorkerDiedError,
)
from ...files import Unwritten
from ..metrics.exposition import Figures
from ..metrics.tally import Ledger
from ..service import Service
from .attendance import Attendance
from .deaths import Death, RestartPolicy
from .frames import Ready
from .process import WorkerProcess

#: Seconds without a sign of life after which a worker hangs. llama.cpp gives one with
#: each graph node, of which the largest takes seconds; where these cannot be counted,
#: with each batch, which may take a slow machine minutes.
SILENCE_S = 300.0 if sys.platform == "linux" else 1_800.0
#: Clients that were told to come again shall do so after this many seconds.
RETRY_AFTER_S = 5
#: Seconds without a change after which a file counts as written.
_SETTLED_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """What a person sees.

    Attributes:
        loading: Surrounds the first load.
        ready: Called once, when the first load is done.
        note: Shows a line.
    """

    loading: Callable[[], AbstractContextManager[None]]
    ready: Callable[[Ready], None]
    note: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is kept alive.

    Attributes:
        service: Opened in each worker.
        name: What to call it.
        policy: When to give up.
        wait_s: How long a request waits for a load.
        silence_s: How long a worker may give no sign of life.
        unload_after_s: How long nobody asks before the worker is ended, until
            somebody does; None: never.
    """

    service: Service
    name: str
    policy: RestartPolicy = field(default_factory=RestartPolicy)
    wait_s: float = 60.0
    silence_s: float = SILENCE_S
    unload_after_s: float | None = None


class Supervisor:
    """One service, alive in a worker for as long as `run` runs.

    Attributes:
        attendance: Who is being served; whoever asks a worker is to be in it before.
    """

    def __init__(self, plan: Plan, *, terminal: Terminal) -> None:
        self.attendance = Attendance()
        self._plan = plan
        self._terminal = terminal
        self._worker: WorkerProcess | None = None
        self._ready: asyncio.Future[WorkerProcess] | None = None
        self._rests = False
        self._files = Unwritten(())
        self._written: asyncio.Future[Path]
        self._ledger = Ledger()

    @property
    def name(self) -> str:
        """What it keeps alive."""
        return self._plan.name

    @property
    def is_ready(self) -> bool:
        """Whether there is a worker that takes requests."""
        ready = self._ready
        return ready is not None and ready.done() and ready.exception() is None

    @property
    def rests(self) -> bool:
        """Whether there is no worker because nobody asked for one."""
        return self._rests

    def figures(self) -> Figures:
        """What its workers have done, as of a second ago."""
        tally = self._ledger.total(is_alive=self.is_ready)
        return Figures(self.name, is_loaded=self.is_ready, tally=tally)

    async def worker(self) -> WorkerProcess:
        """The worker, waited for while it loads.

        One whose model was written to meanwhile is replaced: it would answer nonsense.

        Raises:
            ModelLoadingError: it takes too long.
            Exception: there will be none; `run` ended with this.
        """
        self._look_at_files()
        try:
            return await asyncio.wait_for(
                asyncio.shield(self._coming()), self._plan.wait_s
            )
        except TimeoutError:
            raise ModelLoadingError(
                self._plan.name, retry_after_s=RETRY_AFTER_S
            ) from None

    async def run(self) -> None:
        """Keep a worker alive; this ends only with an error.

        Raises:
            WorkerDiedError: too many workers crashed in too short a time.
            Exception: the first load failed.
        """
        try:
            with self._terminal.loading():
                ready = await self._launch(self._terminal.note)
            self._terminal.ready(ready)
            await self._keep_alive()
        # Who waits for a worker hears the same, whatever it is.
        except Exception as error:
            if self.is_ready:
                self._ready = None
            coming = self._coming()
            coming.set_exception(_told(error, self.name))
            coming.exception()  # Nobody needs to have waited.
            raise

    async def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            await self._worker.stop()

    async def _keep_alive(self) -> None:
        while True:
            assert self._worker is not None
            death = await self._death(self._worker)
            if self.is_ready:  # or else somebody waits for the next one already
                self._ready = None
            if death is not None:
                await self._bury(death)
                await self._reload(self._often_died(death.how))
                continue
            if self._written.done():
                await self._let_settle(self._written.result())
            else:
                await self._rest()
            await self._reload()

    async def _death(self, worker: WorkerProcess) -> Death | None:
        """How the worker ended; None if it lives, and has no task any more."""
        idle_s = self._plan.unload_after_s
        nobody = self.attendance.nobody_for(math.inf if idle_s is None else idle_s)
        ended, idle = (
            asyncio.ensure_future(worker.ended()),
            asyncio.ensure_future(nobody),
        )
        ends: set[asyncio.Future[Any]] = {ended, idle, self._written}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return ended.result() if ended.done() else None
        finally:
            ended.cancel()
            idle.cancel()

    def _look_at_files(self) -> None:
        written = self._files.find_written() if self.is_ready else None
        if written is not None:
            self._ready = None
            self._written.set_result(written)

    async def _let_settle(self, written: Path) -> None:
        """End the worker, and wait until nobody writes to its files any more."""
        assert self._worker is not None
        self._terminal.note(
            f"{written} was written to; loading {self._plan.name} again."
        )
        await self._worker.stop()
        files = self._plan.service.files
        while True:
            now = Unwritten(files)
            await asyncio.sleep(_SETTLED_S)
            if now.find_written() is None:
                return

    async def _rest(self) -> None:
        """End the worker until somebody asks."""
        assert self._worker is not None
        self._rests = True
        await self._worker.stop()
        self._terminal.note(
            f"{self._plan.name} is unloaded: nobody asked for"
            f" {_duration(self._plan.unload_after_s or 0)}. The next request loads it."
        )
        await self.attendance.somebody()
        self._rests = False

    def _coming(self) -> asyncio.Future[WorkerProcess]:
        if self._ready is None:
            self._ready = asyncio.get_running_loop().create_future()
        return self._ready

    async def _launch(self, on_note: Callable[[str], None]) -> Ready:
        self._files = Unwritten(self._plan.service.files)
        self._written = asyncio.get_running_loop().create_future()
        self._worker = await WorkerProcess.start(
            self._plan.service,
            silence_s=self._plan.silence_s,
            account=self._ledger.open(),
        )
        ready = await self._worker.ready(on_note=on_note, on_bug=self._terminal.note)
        self._coming().set_result(self._worker)
        return ready

    async def _bury(self, death: Death) -> None:
        assert self._worker is not None
        n = self._worker.n_lost
        how, why = death.how, death.why
        lost = f" with {n} answer{'s' if n > 1 else ''} under way" if n else ""
        self._terminal.note(
            f"the model's process ended ({how}){lost}; loading {self._plan.name} again."
            + (f" ({why})" if why else "")
        )
        await self._worker.stop()

    async def _reload(self, last: HermesError | OSError | None = None) -> None:
        """Start workers until one is ready; `last` is what ended the one before."""
        started_s = time.monotonic()
        while True:
            if last is not None:
                delay_s = self._plan.policy.delay_s(time.monotonic())
                if delay_s is None:
                    raise last
                await asyncio.sleep(delay_s)
            try:
                await self._launch(lambda line: None)
            except (HermesError, OSError) as error:
                self._terminal.note(f"{self._plan.name} did not load: {error}")
                # What else is wrong, a file that is gone, is what to be told of.
                last = error
                if isinstance(error, WorkerDiedError):
                    last = self._often_died(error.how)
                await self.close()
                continue
            took_s = time.monotonic() - started_s
            self._terminal.note(f"{self._plan.name} is loaded again ({took_s:.1f} s).")
            return

    def _often_died(self, how: str) -> WorkerDiedError:
        policy = self._plan.policy
        return WorkerDiedError(
            f"The model's process ended {policy.n_deaths} times within"
            f" {policy.window_s:.0f} s, the last time by {how}.",
            how=how,
            hint="hermes-gguf serve --no-supervise shows the crash itself",
        )


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return f"{seconds:g} s"
    return "a minute" if minutes == 1 else f"{minutes:g} minutes"


def _told(error: Exception, name: str) -> HermesError:
    """An error as clients are told it; the terminal gets the error itself."""
    if isinstance(error, HermesError):
        return error
    return EngineUnavailableError(f"{name} cannot be loaded: {error}")
