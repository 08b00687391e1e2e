"""How many connections this process may have open: as many as the system allows it.

Many systems begin with 256 or 1,024 open files, which a program may raise itself. Each
request takes two here, the client's and the one to the model's process.
"""

from __future__ import annotations

import contextlib

#: More than any client opens, and the most that macOS lets a process ask for.
_WANTED = 10_240


def raise_open_files_limit() -> None:
    """Raise it; a limit that is higher already stays."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Infinity is a negative number in places.
    most = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
