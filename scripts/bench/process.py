"""A server process: started, waited for, and surely ended. It asks `/health` alone."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

_START_S = 180.0
_STOP_S = 10.0


class ServerProcess:
    """Use as a context manager; the process ends with the block.

    Args:
        command: The program and its arguments; it shall listen on `port`.
        port: From `free_port`.
        environment: Variables over the present ones.
        folder: Where to run it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._command = list(command)
        self._environment = dict(environment or {})
        self._folder = folder
        self._port = port
        self._log = tempfile.TemporaryFile("w+")
        self._process: subprocess.Popen[str] | None = None
        self.started_s = 0.0

    def __enter__(self) -> Self:
        self.started_s = time.perf_counter()
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=os.environ | self._environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, by force if it takes long."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._log.close()

    def url(self, path: str) -> str:
        """Where a route is."""
        return f"http://127.0.0.1:{self._port}{path}"

    def _wait(self) -> None:
        program = Path(self._command[0]).name
        while time.perf_counter() - self.started_s < _START_S:
            assert self._process is not None
            if self._process.poll() is not None:
                self._log.seek(0)
                raise RuntimeError(f"{program} ended:\n{self._log.read()[-2000:]}")
            try:
                with urllib.request.urlopen(self.url("/health"), timeout=2) as reply:
                    if reply.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError(f"{program} did not become ready")

    def peak_rss_bytes(self) -> int:
        """The most memory that the process and its children have held."""
        assert self._process is not None
        family = psutil.Process(self._process.pid)
        children = [child.pid for child in family.children(recursive=True)]
        return sum(_peak_rss_bytes(pid) for pid in (family.pid, *children))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _peak_rss_bytes(pid: int) -> int:
    """VmHWM of a process; its present size where the kernel does not say."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return int(psutil.Process(pid).memory_info().rss)
