"""What the kernel's control groups leave this process: memory, and processor time.

A container, a service of systemd and `systemd-run` set such limits. Both versions of
the groups are read, and every group above the process: each may have a limit of its
own. Linux only: elsewhere there is nothing to read, and nothing is limited.

Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of Linux.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def memory_limit_bytes() -> int | None:
    """The least memory that a group of this process may take; None without a limit."""
    limits = [limit for _, limit in _memory_limits()]
    return min(limits, default=None)


def memory_left_bytes() -> int | None:
    """What the groups of this process may still take; None without a limit.

    Pages of files count as free: they make room for whatever needs it.
    """
    left = [
        limit - _memory_used(folder) + _file_pages(folder)
        for folder, limit in _memory_limits()
    ]
    return min(left, default=None)


def processor_quota() -> int | None:
    """Whole processors that the groups grant, rounded up; None without a quota."""
    quotas = [_quota(folder) for folder in _folders("cpu")]
    return min((quota for quota in quotas if quota is not None), default=None)


def _folders(controller: str) -> Iterator[Path]:
    """The folders of this process's groups that may exist, both versions'.

    A container sees its own group as the root, under whatever name it has outside:
    the root is always one of them.
    """
    try:
        lines = _OWN.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            mounted = _ROOT
        elif controller in controllers.split(","):
            mounted = _ROOT / controller
        else:
            continue
        group = Path(path.lstrip("/"))
        for parent in (group, *group.parents):
            yield mounted / parent


def _memory_limits() -> Iterator[tuple[Path, int]]:
    for folder in _folders("memory"):
        for name in ("memory.max", "memory.high", "memory.limit_in_bytes"):
            limit = _number(folder / name)
            # A group of the first version without a limit has one of 2^63, about.
            if limit is not None and limit < 1 << 62:
                yield folder, limit


def _memory_used(folder: Path) -> int:
    used = _number(folder / "memory.current")
    return (_number(folder / "memory.usage_in_bytes") if used is None else used) or 0


def _file_pages(folder: Path) -> int:
    """Bytes of files in memory that the group, and those in it, are charged for."""
    try:
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    stat = {name: int(value) for name, value in map(str.split, lines)}
    # The first version counts a group alone, and `total_` with those in it.
    kinds = ("inactive_file", "active_file")
    return sum(stat.get(f"total_{kind}", stat.get(kind, 0)) for kind in kinds)


def _quota(folder: Path) -> int | None:
    """Processors of one group: "200000 100000", or two files in the first version."""
    try:
        words = (folder / "cpu.max").read_text(encoding="ascii").split()
    except OSError:
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        words = [str(_number(folder / name) or "") for name in names]
    if not all(word.isdigit() for word in words):
        return None  # "max", -1, or no such file
    quota, period = map(int, words)
    return max(1, math.ceil(quota / period))


def _number(path: Path) -> int | None:
    """The number in a file; None for "max", and where there is no such file."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.lstrip("-").isdigit() else None
