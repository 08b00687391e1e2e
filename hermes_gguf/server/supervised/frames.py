"""What worker and front tell each other besides requests, and how it is written.

The front writes one `Service` to the worker's stdin and then nothing: the pipe is the
worker's lifeline, and its end is the front's end. The worker reports on its stdout for
as long as it lives, in frames: a length of four bytes, then a pickle. Both run the same
code with the same rights, so that a pickle is as safe as the program itself.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
import threading
import traceback
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from ...errors import HermesError
from ..metrics.tally import Tally

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class LocalPort:
    """A port of this machine, and what the front says there to be known."""

    port: int
    key: str


#: A path of a Unix domain socket, or a port where there are none.
Address: TypeAlias = str | LocalPort


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know, in one line."""

    line: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker takes requests at `address`; the rest is as in `Opened`."""

    address: Address
    backend: str
    n_ctx: int


class WorkerTracebackError(Exception):
    """Where in the worker an error arose; the cause of the error that is raised."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


@dataclass(frozen=True, slots=True)
class Failed:
    """The service could not be opened: the parts of the error that says why."""

    kind: type[Exception]
    args: tuple[Any, ...]
    fields: dict[str, Any]
    trace: str

    @classmethod
    def from_error(cls, error: Exception) -> Failed:
        """Take an error apart: one that no pickle can hold shall be told, too."""
        trace = "".join(traceback.format_exception(error))
        # An OSError's file name is only where pickle would call the class with it.
        is_ours = isinstance(error, HermesError)
        args = error.args if is_ours else error.__reduce__()[1]
        assert isinstance(args, tuple)
        return cls(type(error), args, dict(error.__dict__), trace)

    def rebuild(self) -> Exception:
        """The same error, with the worker's traceback as its cause."""
        error = self.kind.__new__(self.kind, *self.args)
        error.__dict__.update(self.fields)
        error.__cause__ = WorkerTracebackError(self.trace)
        return error


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life; see `heart`.

    Attributes:
        tally: What the worker has done so far, once its service is open.
    """

    tally: Tally | None = None


Report: TypeAlias = Note | Ready | Failed | Beat


class ReportWriter:
    """Writes frames; any thread may."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, report: Report) -> None:
        """Write one frame.

        Raises:
            OSError: nobody reads any more.
        """
        body = pickle.dumps(report)
        with self._lock:
            self._stream.write(_LENGTH.pack(len(body)) + body)
            self._stream.flush()


async def read_report(stream: asyncio.StreamReader) -> Report | None:
    """The next frame; None at the end of the stream."""
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        report: Report = pickle.loads(await stream.readexactly(length))
    except asyncio.IncompleteReadError:
        return None
    return report
