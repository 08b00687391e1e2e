"""Services for worker processes: scripted answers, and crashes that are real."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import StreamingResponse

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.base import GenerationRequest
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import ModelLoadError
from hermes_gguf.prompt.rendered import Prompt
from hermes_gguf.server.app import create_app
from hermes_gguf.server.metrics.meter import Meter, MeteredEngine
from hermes_gguf.server.service import Opened

NAME = "hermes-test"


@dataclass(frozen=True)
class ScriptedService:
    """Counts slowly and for ever; "die SIGNAL" is not answered but obeyed.

    "hang engine" and "hang loop" are obeyed too: it is at work, and nothing moves. With
    "work slowly" something does. It cannot be opened while there is a file `gone` in
    its folder.

    Attributes:
        folder: Where each opening and each cancelled answer leaves a file.
        load_s: How long loading takes.
        lives: Openings that succeed; the next ones die, or `hangs`, while they load.
        hangs: See `lives`.
    """

    folder: Path
    load_s: float = 0.0
    lives: int = 100
    hangs: bool = False

    @property
    def files(self) -> list[Path]:
        return [self.folder / "weights"]

    @contextmanager
    def open(self, *, on_warning: Callable[[str], None]) -> Iterator[Opened]:
        n = len(list(self.folder.glob("opened-*")))
        (self.folder / f"opened-{n}").write_text(str(os.getpid()))
        if n >= self.lives:
            os.kill(os.getpid(), signal.SIGSTOP if self.hangs else signal.SIGKILL)
        if (self.folder / "gone").exists():
            raise ModelLoadError("x.gguf", "no such file", hint="put it back")
        time.sleep(self.load_s)
        on_warning("scripted")
        engine = ScriptedEngine([answer] * 100, delay_s=0.01)
        (self.folder / "pid").write_text(str(os.getpid()))
        meter = Meter()
        model = ChatModel(MeteredEngine(engine, meter))
        app = create_app(model, model_id=NAME)

        @app.get("/hang-loop")
        async def hang_loop() -> None:
            threading.Event().wait()

        @app.get("/half")
        async def half() -> StreamingResponse:
            async def events() -> AsyncIterator[bytes]:
                yield b'data: {"n": 1}\n\ndata: {"n'
                await asyncio.sleep(0.1)
                os.kill(os.getpid(), signal.SIGSEGV)

            return StreamingResponse(events(), media_type="text/event-stream")

        @app.get("/pieces")
        async def pieces() -> StreamingResponse:
            async def events() -> AsyncIterator[bytes]:
                for piece in (b"data: 1", b"\n", b"\ndata", b": 2\n\n", b"tail"):
                    yield piece
                    await asyncio.sleep(0.01)

            return StreamingResponse(events(), media_type="text/event-stream")

        @app.get("/cancelled")
        async def cancelled() -> int:
            return engine.n_cancelled

        yield Opened(app, "script", 8192, lambda: at_work, meter.tally)


#: What the engine is at, as it were.
at_work: float | None = None


def answer(request: GenerationRequest) -> str:
    global at_work
    assert isinstance(request.prompt, Prompt)
    text = request.prompt.text
    for name in ("SIGSEGV", "SIGKILL", "SIGSTOP"):
        if f"die {name}" in text:
            os.kill(os.getpid(), getattr(signal, name))
    if "hang engine" in text:
        at_work = 1.0
        threading.Event().wait()
    if "work slowly" in text:
        for _ in range(60):
            at_work = time.monotonic()
            time.sleep(0.1)
        at_work = None
    return "short" if "short" in text else "word " * 2000


@dataclass(frozen=True)
class BrokenService:
    """Cannot be opened.

    Attributes:
        load_s: How long it takes to find out.
        has_no_disk: Whether it is the system that says so.
    """

    load_s: float = 0.0
    has_no_disk: bool = False

    @property
    def files(self) -> list[Path]:
        return []

    @contextmanager
    def open(self, *, on_warning: Callable[[str], None]) -> Iterator[Opened]:
        on_warning("about to fail")
        time.sleep(self.load_s)
        if self.has_no_disk:
            raise OSError(errno.EROFS, "Read-only file system", "/cache/x")
        raise ModelLoadError("x.gguf", "is no model", hint="try another")
        yield
