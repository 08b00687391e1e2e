"""The front's side of one worker process: start it, hear it, end it.

It knows one life of a worker; that there is another after a crash is the
supervisor's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable

from ..metrics.tally import Account, Tally
from ..service import Service
from .deaths import Death
from .frames import Address, Beat, Failed, Note, Ready, Report, read_report

# The same modules as here are found, and none in the folder where it is started.
_BOOT = (
    "import sys; sys.path[:] = sys.argv[1:];"
    "from hermes_gguf.server.supervised.worker import main; main()"
)
#: Seconds for a worker that was told to end, before it is killed.
_PATIENCE_S = 6.0
#: Seconds in which the system says that a process has ended that took no request.
_LOST_S = 2.0
#: Seconds between two looks at whether it has given a sign of life.
_LOOK_S = 1.0


class WorkerProcess:
    """One worker, from its start to its end.

    Attributes:
        address: Where it takes requests, once it is ready.
        n_requests: Requests that it is at work on.
        n_lost: Those that it was at work on when it ended.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        *,
        silence_s: float,
        account: Account | None = None,
    ) -> None:
        self._process = process
        self._silence_s = silence_s
        self._account = account or Account()
        self._is_hung = False
        self._n_reports = 0
        self._ended = asyncio.ensure_future(self._end())
        self._watching = asyncio.ensure_future(self._watch())
        self._hearing: asyncio.Future[None] | None = None
        self.address: Address = ""
        self.n_requests = 0
        self.n_lost = 0

    @classmethod
    async def start(
        cls, service: Service, *, silence_s: float, account: Account
    ) -> WorkerProcess:
        """Start a process that opens `service`.

        Args:
            service: What to open.
            silence_s: Seconds without a sign of life after which it is ended.
            account: Where its work is booked.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", _BOOT, *sys.path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if sys.stderr else subprocess.DEVNULL,
            # Ctrl-C is for the front: out of its process group.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        assert process.stdin is not None
        # Who died before it could read is found out by `ready`.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(pickle.dumps(service))
            await process.stdin.drain()
        return cls(process, silence_s=silence_s, account=account)

    async def ready(
        self, *, on_note: Callable[[str], None], on_bug: Callable[[str], None]
    ) -> Ready:
        """Wait until it takes requests.

        Args:
            on_note: Hears what the worker notes until then.
            on_bug: Hears what it notes later.

        Raises:
            WorkerDiedError: it crashed before.
            Exception: whatever opening the service raised there.
        """
        while (report := await self._report()) is not None:
            match report:
                case Note(line):
                    on_note(line)
                case Failed():
                    raise report.rebuild()
                case Ready():
                    self.address = report.address
                    self._hearing = asyncio.ensure_future(self._hear(on_bug))
                    return report
        death = await self.ended()
        raise death.error("llama.cpp", "while it loaded the model", hint=death.why)

    async def ended(self) -> Death:
        """Wait for its end."""
        returncode = await asyncio.shield(self._ended)
        return Death(returncode, self._silence_s if self._is_hung else 0.0)

    async def lost(self) -> None:
        """Wait for the end of one that took no request; if need be, end it.

        A cleaner of temporary files may have removed its address: it would live on,
        and nobody could reach it.
        """
        done, _ = await asyncio.wait({self._ended}, timeout=_LOST_S)
        if not done:
            await self.stop()

    async def stop(self) -> None:
        """End it, gently at first, and remove what it may have left."""
        self._watching.cancel()
        assert self._process.stdin is not None
        self._process.stdin.close()
        done, _ = await asyncio.wait({self._ended}, timeout=_PATIENCE_S)
        if not done:
            self._process.kill()
            await self._ended
        if isinstance(self.address, str) and self.address:
            shutil.rmtree(os.path.dirname(self.address), ignore_errors=True)

    async def _end(self) -> int:
        returncode = await self._process.wait()
        # Before anybody hears of the end: who was lost is told, and leaves.
        self.n_lost = self.n_requests
        return returncode

    async def _report(self) -> Report | None:
        assert self._process.stdout is not None
        report = await read_report(self._process.stdout)
        self._n_reports += 1
        return report

    async def _hear(self, on_bug: Callable[[str], None]) -> None:
        """Hear its signs of life, of its work and of bugs, to its end."""
        while (report := await self._report()) is not None:
            match report:
                case Note(line):
                    on_bug(line)
                case Beat(Tally() as tally):
                    self._account.book(tally)

    async def _watch(self) -> None:
        """End it when it falls silent.

        Looks are counted instead of time: of a night in which the machine slept, or
        this process was stopped, only one look is lost.
        """
        n_silent = 0
        while n_silent * _LOOK_S < self._silence_s:
            n_heard = self._n_reports
            await asyncio.wait({self._ended}, timeout=_LOOK_S)
            if self._ended.done():
                return
            n_silent = n_silent + 1 if n_heard == self._n_reports else 0
        self._is_hung = True
        # Not gently: what is stopped or stuck hears nothing else.
        self._process.kill()
