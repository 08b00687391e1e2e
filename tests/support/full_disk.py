"""A disk that takes no more, for the files of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def full_disk(*, after_bytes: int = 0) -> Iterator[None]:
    """Within the block no file grows over `after_bytes`."""
    resource = pytest.importorskip("resource", reason="only POSIX can limit files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
