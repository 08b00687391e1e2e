"""A running generation, as its caller sees it: iterate, close.

Starts on the first `next`. Closing, dropping it, or closing the engine ends it.
"""

from __future__ import annotations

import os
import queue
import sys
from collections.abc import Callable

from ...errors import HermesError
from ..base import EngineItem
from .job import Job, StreamEnd, forked_error

_POLL_S = 0.5 if sys.platform == "win32" else None


class Stream:
    """Iterator over the items of one generation."""

    #: What `copy` leaves when it finds out that a stream cannot be copied.
    _closed = True

    def __init__(
        self,
        make_job: Callable[[Callable[[EngineItem | StreamEnd], None]], Job],
        *,
        submit: Callable[[Job], None],
        cancel: Callable[[Job], None],
    ) -> None:
        self._items: queue.SimpleQueue[EngineItem | StreamEnd] = queue.SimpleQueue()
        self._make_job = make_job
        self._submit = submit
        self._cancel = cancel
        self._pid = os.getpid()
        self._job: Job | None = None
        self._ended = False
        self._closed = False

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> EngineItem:
        if self._closed or self._ended:
            raise StopIteration
        if os.getpid() != self._pid:
            raise forked_error()
        if self._job is None:
            self._start()
        try:
            item = self._wait()
        except KeyboardInterrupt:
            # A prompt keeps the traceback, and with it this stream: nobody reads it
            # any more, and with one slot the next one would wait for its end.
            self.close()
            raise
        if isinstance(item, StreamEnd):
            self._ended = True
            if item.error is not None and not self._closed:
                raise _fresh(item.error)
            raise StopIteration
        if self._closed:
            raise StopIteration
        return item

    def _wait(self) -> EngineItem | StreamEnd:
        while True:
            try:
                # Windows cannot interrupt a wait without an end by Ctrl-C.
                return self._items.get(timeout=_POLL_S)
            except queue.Empty:
                continue

    def _start(self) -> None:
        job = self._make_job(self._items.put)
        try:
            self._submit(job)
        except HermesError:
            self._ended = True
            job.writer.close()
            raise
        self._job = job
        if self._closed:
            self._cancel(job)

    def close(self) -> None:
        """Cancel, also while another thread waits in `next`, which then ends."""
        if self._closed:
            return
        self._closed = True
        if self._job is not None and not self._ended:
            self._cancel(self._job)
        self._items.put(StreamEnd())

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not self._closed and self._job is not None and not self._ended:
            self.close()


def _fresh(error: HermesError) -> HermesError:
    """The error without the worker's traceback, which would pin its frames."""
    return error.with_traceback(None)
