"""Files of a person's: how their text is read, and how new ones are written.

Written ones appear whole or not at all, whatever happens meanwhile; what was there
before stays until the new file is complete. It knows no format.
"""

from __future__ import annotations

import codecs
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: What file systems tell apart, but for the oldest ones.
_TICK_NS = 1_000_000


def expand(name: str | Path) -> Path:
    """A path that may begin with `~`, or with `~name` for somebody else's home.

    Where there is no such home it stays as it is, and names no file.
    """
    return Path(os.path.expanduser(name))


def read_text(path: Path) -> str:
    """The text of a file that a person wrote.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: as `decode`.
    """
    return decode(path.read_bytes())


def decode(data: bytes) -> str:
    """What a person wrote, in UTF-8, with line ends of one kind.

    Editors on Windows may put three bytes in front that say so; two say that it is
    UTF-16, which is what `>` of PowerShell 5 writes.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    text = data.decode("utf-16" if is_utf16(data) else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_utf16(data: bytes) -> bool:
    """Whether its first two bytes say so."""
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def write_atomically(
    path: Path, parts: Iterable[bytes | memoryview], *, private: bool = True
) -> None:
    """Write `parts` to `path`, whose folder exists.

    A link stays one, and a file keeps its permissions. What is no file (a pipe, a
    terminal, /dev/stdout) is written to as it is.

    Args:
        path: The file.
        parts: Its bytes.
        private: Nobody else may read a new file; off, as the user's umask says.

    Raises:
        OSError: the disk refuses, and the error names `path`; nothing is left behind.
    """
    is_device = path.parts[:2] == ("/", "dev")
    try:
        if is_device or (path.exists() and not path.is_file()):
            path.write_bytes(b"".join(parts))
        else:
            target = Path(os.path.realpath(path))
            _replace(target, parts, 0o600 if private else 0o666)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Within the block, no other process is in one of this folder.

    Windows, and some disks of other machines, have no such locks: there nobody waits.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def written_at_ns(path: Path) -> int:
    """When a file was written, in nanoseconds since 1970; 0 where it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


class Unwritten:
    """Files as they are now, to find out whether somebody writes to them.

    One that another file takes the place of stays what it is for who has it open.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._seen = [(path, _state(path)) for path in paths]

    def find_written(self) -> Path | None:
        """The first one that was written to meanwhile."""
        for path, (file, content) in self._seen:
            file_now, content_now = _state(path)
            if file_now == file and content_now != content:
                return path
        return None


def _state(path: Path) -> tuple[object, object]:
    """Which file it is, and what changes when its content does."""
    try:
        stat_now = path.stat()
    except OSError:
        return None, None
    file = (stat_now.st_dev, stat_now.st_ino)
    return file, (stat_now.st_size, stat_now.st_mtime_ns)


def date_last(path: Path, others: Iterable[Path]) -> None:
    """Let `path` be the last of these that was written or used.

    By the clock alone it would not be, where that was set back since. A disk that is
    only read, or a file of somebody else, keeps the time that it has.
    """
    newest_ns = max((written_at_ns(p) for p in others if p != path), default=0)
    now_ns = max(time.time_ns(), newest_ns + _TICK_NS)
    with suppress(OSError):
        os.utime(path, ns=(now_ns, now_ns))


def _replace(target: Path, parts: Iterable[bytes | memoryview], mode: int) -> None:
    beside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.tmp")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        if target.exists():
            # A file system without permissions refuses; then there are none to keep.
            with suppress(PermissionError):
                beside.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


_BINARY = getattr(os, "O_BINARY", 0)
