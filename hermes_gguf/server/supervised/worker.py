"""The worker's side: open the service, take requests, end when the front ends.

Only the lifeline ends it: Ctrl-C and SIGTERM are the front's business, and reach a
whole process group. stdout belongs to the reports; what anything prints goes to
stderr, which is the front's.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

import uvicorn

from .. import bug_log
from ..read_first import ReadFirst
from ..service import Opened, Service
from .frames import Address, Beat, Failed, LocalPort, Note, Ready, ReportWriter
from .front_only import FrontOnly
from .heart import Heart

#: Seconds that answers and writes get to end once the front is gone.
_GRACE_S = 5.0


class _Server(uvicorn.Server):
    """A server that leaves signals alone, and counts as long as its loop runs."""

    n_ticks = 0

    def pulse(self) -> int:
        """A number that changes ten times a second."""
        return self.n_ticks

    async def on_tick(self, counter: int) -> bool:
        """Count, and do what is to be done."""
        self.n_ticks += 1
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _Lifeline:
    """Watches the pipe from the front, and ends this process with it."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._server: _Server | None = None
        threading.Thread(
            target=self._watch, name="hermes-gguf-lifeline", daemon=True
        ).start()

    def ends(self, server: _Server) -> None:
        """From now on there is a server to end first."""
        self._server = server

    def _watch(self) -> None:
        self._pipe.read(1)
        if self._server is not None:
            self._server.should_exit = True
            time.sleep(_GRACE_S)
        # Loading, or stuck: nothing that is worth waiting for.
        os._exit(0)


def main() -> NoReturn:
    """Run as the worker of the process at the other end of stdin."""
    # The last one is Ctrl-Break on Windows, and its closing of the window.
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    orders, reports = _take_streams()
    service: Service = pickle.load(orders)
    lifeline = _Lifeline(orders)
    try:
        _serve(service, lifeline, reports)
    # The front raises it again: every error ends where that of one process would.
    except Exception as error:
        reports.write(Failed.from_error(error))
        sys.exit(1)
    sys.exit(0)


def _take_streams() -> tuple[BinaryIO, ReportWriter]:
    """The two pipes; in their place, an empty stdin and a stdout to stderr."""
    orders = os.fdopen(os.dup(0), "rb")
    reports = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return orders, ReportWriter(reports)


def _serve(service: Service, lifeline: _Lifeline, reports: ReportWriter) -> None:
    def note(line: str) -> None:
        reports.write(Note(line))

    bug_log.install(note)
    at_work: Opened | None = None

    def beat() -> None:
        reports.write(Beat(at_work.tally() if at_work else None))

    heart = Heart(beat)
    with (
        service.open(on_warning=note) as opened,
        _listen() as (listener, address),
    ):
        app = ReadFirst(opened.app)
        config = uvicorn.Config(
            FrontOnly(app, address.key) if isinstance(address, LocalPort) else app,
            log_level="warning",
            # `bug_log` tells of bugs.
            log_config=None,
            lifespan="off",
            # Answers end with the front, and the lifeline what does not. A timeout here
            # would tell the terminal of it, with a stack trace.
            timeout_graceful_shutdown=None,
            # The front writes them.
            date_header=False,
            server_header=False,
        )
        server = _Server(config)
        lifeline.ends(server)
        reports.write(Ready(address, opened.backend, opened.n_ctx))
        at_work = opened
        heart.follow(server.pulse, opened.pulse)
        server.run(sockets=[listener])
        # What was done since the last beat.
        with contextlib.suppress(OSError):
            beat()


@contextlib.contextmanager
def _listen() -> Iterator[tuple[socket.socket, Address]]:
    """A socket that only this user reaches, or else one that only the front may use."""
    with contextlib.ExitStack() as stack:
        listener, address = _bind(stack)
        with listener:
            listener.listen(256)
            yield listener, address


def _bind(stack: contextlib.ExitStack) -> tuple[socket.socket, Address]:
    if hasattr(socket, "AF_UNIX"):
        # The path is too long, the disk has no sockets, or nothing can be written.
        with contextlib.suppress(OSError):
            return _bind_path(stack)
    # With the protocol named, asyncio holds no small piece of a reply back.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener, LocalPort(listener.getsockname()[1], secrets.token_hex(16))


def _bind_path(stack: contextlib.ExitStack) -> tuple[socket.socket, Address]:
    with contextlib.ExitStack() as undo:
        folder = tempfile.mkdtemp(prefix="hermes-gguf-")
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        path = os.path.join(folder, "worker")
        listener = socket.socket(socket.AF_UNIX)
        undo.callback(listener.close)
        listener.bind(path)
        stack.push(undo.pop_all())
    return listener, path
