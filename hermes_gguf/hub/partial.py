"""Bytes of a URL into a `.part` file, continued where an earlier attempt stopped.

huggingface_hub's `http_get` does the request: Range, and five tries after a cut
connection. Here are only the file that outlives the process and the counting.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from huggingface_hub import constants, file_download
from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]


def fetch_bytes(
    url: str,
    part: Path,
    *,
    headers: dict[str, str],
    expected_bytes: int | None,
    on_bytes: Callable[[int], None],
) -> None:
    """Append what is missing of a URL's bytes to a file.

    Args:
        url: Where the bytes are.
        part: The partial file; created when absent.
        headers: Sent with the request.
        expected_bytes: The whole file's size, where known.
        on_bytes: Hears how many bytes the file holds.

    Raises:
        OSError: whatever huggingface_hub raises; the file keeps what arrived.
    """
    if part.exists() and expected_bytes is not None:
        if part.stat().st_size > expected_bytes:
            part.unlink()
    with part.open("ab") as raw, _as_it_comes():
        resume_bytes = raw.tell()
        on_bytes(resume_bytes)
        counting = _CountingFile(raw, on_bytes)
        disable_progress_bars("huggingface_hub.http_get")
        file_download.http_get(
            url,
            # It only writes, tells, seeks and truncates.
            cast(BinaryIO, counting),
            resume_size=resume_bytes,
            headers=headers,
            expected_size=expected_bytes,
            displayed_filename=part.name,
        )


class _CountingFile:
    """A binary file that tells how long it has become after each write."""

    def __init__(self, raw: io.BufferedIOBase, on_bytes: Callable[[int], None]) -> None:
        self._raw = raw
        self._on_bytes = on_bytes

    def write(self, data: bytes) -> int:
        written = self._raw.write(data)
        # On the disk at once, so that a killed process loses nothing.
        self._raw.flush()
        self._on_bytes(self._raw.tell())
        return written

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def truncate(self, size: int | None = None) -> int:
        return self._raw.truncate(size)


@contextmanager
def _as_it_comes() -> Iterator[None]:
    """Write what arrives at once.

    The library collects 10 MB first, and what is collected is lost when the connection
    is cut: where that happens often, a transfer would never get on.
    """
    before = constants.DOWNLOAD_CHUNK_SIZE
    constants.DOWNLOAD_CHUNK_SIZE = cast(int, None)
    try:
        yield
    finally:
        constants.DOWNLOAD_CHUNK_SIZE = before
