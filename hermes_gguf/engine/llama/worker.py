"""The one thread that owns a context: commands in by queue, steps until idle.

It knows how to run a scheduler and how to stop; what a step does is the scheduler's
business.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable

from ...errors import EngineError, GenerationError, HermesError
from .job import Job, forked_error
from .scheduler import Scheduler

_CLOSED = "The engine was closed."


class Worker:
    """Runs `scheduler` in its own thread until `stop`."""

    def __init__(self, scheduler: Scheduler, *, on_exit: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._on_exit = on_exit
        self._commands: queue.SimpleQueue[Callable[[], None] | None] = (
            queue.SimpleQueue()
        )
        self._lock = threading.Lock()
        self._stopping = False
        #: Steps that the thread has begun.
        self.n_steps = 0
        self._pid = os.getpid()
        self._thread = threading.Thread(
            target=self._run, name="hermes-gguf-engine", daemon=True
        )
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Hand a job to the thread.

        Raises:
            EngineError: the worker has stopped, or belongs to another process.
        """
        if self._is_forked:
            # Threads do not come along: nobody would ever answer.
            raise forked_error()
        with self._lock:
            if self._stopping:
                raise EngineError(_CLOSED, hint="load the model again")
            self._commands.put(lambda: self._scheduler.submit(job))

    def cancel(self, job: Job) -> None:
        """End a job within one decode, and wake the thread to notice."""
        if self._is_forked:
            # Its locks are as they were at the fork: perhaps held, by nobody.
            return
        self._scheduler.cancel(job)
        self._commands.put(lambda: None)

    def stop(self) -> None:
        """End every job as cancelled, free everything, and wait for the thread."""
        if self._is_forked:
            return
        with self._lock:
            first = not self._stopping
            self._stopping = True
        if first:
            self._scheduler.cancel_all()
            self._commands.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do, as far as another thread can tell."""
        return self._commands.empty() and self._scheduler.is_idle

    @property
    def _is_forked(self) -> bool:
        return os.getpid() != self._pid

    def _run(self) -> None:
        error: HermesError = EngineError(_CLOSED, hint="load the model again")
        try:
            while self._obey():
                self.n_steps += 1
                self._scheduler.step()
            self._scheduler.cancel_all()
            self._scheduler.step()
        except Exception as fault:
            error = GenerationError(f"The engine stopped: {fault!r}")
        finally:
            with self._lock:
                self._stopping = True
            self._drain()
            self._scheduler.fail_all(error)
            self._on_exit()

    def _obey(self) -> bool:
        """Run all waiting commands, waiting for one when idle; False is the end."""
        block = self._scheduler.is_idle
        while True:
            try:
                command = self._commands.get(block)
            except queue.Empty:
                return True
            if command is None:
                return False
            command()
            block = False

    def _drain(self) -> None:
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            if command is not None:
                command()
