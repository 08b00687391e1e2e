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

from ...errors import WorkerDiedError
from ..service import Service
from .deaths import describe_exit, explain_exit
from .frames import Address, Failed, Note, Ready, read_report

# The same modules as here are found, and none in the folder where it is started.
_BOOT = (
    "import sys; sys.path[:] = sys.argv[1:];"
    "from hermes_gguf.server.supervised.worker import main; main()"
)
#: Seconds for a worker that was told to end, before it is killed.
_PATIENCE_S = 6.0
#: Seconds in which the system says that a process has ended that took no request.
_LOST_S = 2.0


class WorkerProcess:
    """One worker, from its start to its end.

    Attributes:
        address: Where it takes requests, once it is ready.
        n_requests: Requests that it is at work on.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ended = asyncio.ensure_future(process.wait())
        self.address: Address = ""
        self.n_requests = 0

    @classmethod
    async def start(cls, service: Service) -> WorkerProcess:
        """Start a process that opens `service`."""
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
        return cls(process)

    async def ready(self, *, on_note: Callable[[str], None]) -> Ready:
        """Wait until it takes requests.

        Raises:
            WorkerDiedError: it crashed before.
            Exception: whatever opening the service raised there.
        """
        assert self._process.stdout is not None
        while (report := await read_report(self._process.stdout)) is not None:
            match report:
                case Note(line):
                    on_note(line)
                case Failed():
                    raise report.rebuild()
                case Ready():
                    self.address = report.address
                    return report
        returncode = await self.ended()
        how = describe_exit(returncode)
        raise WorkerDiedError(
            f"llama.cpp crashed while it loaded the model ({how}).",
            how=how,
            hint=explain_exit(returncode),
        )

    async def ended(self) -> int:
        """Wait for its end; the return code, a negative signal number after one."""
        return await asyncio.shield(self._ended)

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
        assert self._process.stdin is not None
        self._process.stdin.close()
        done, _ = await asyncio.wait({self._ended}, timeout=_PATIENCE_S)
        if not done:
            self._process.kill()
            await self._ended
        if isinstance(self.address, str) and self.address:
            shutil.rmtree(os.path.dirname(self.address), ignore_errors=True)
