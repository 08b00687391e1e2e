"""Which of a processor's cores are fast, where it mixes them with slow ones.

The threads of a graph wait for the slowest of them: slow cores only hold the others
up. It knows no limits of this process.

Source: common_cpu_get_num_math and common_cpu_get_num_physical_cores in
common/common.cpp of llama.cpp. As there, Windows is not asked.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

_DEVICES = Path("/sys/devices")


def fast_cores() -> int | None:
    """How many physical cores are fast; None where all are alike, or nobody says."""
    if sys.platform == "darwin":
        return _sysctl("hw.perflevel0.physicalcpu")
    return _fast_intel_cores()


def _sysctl(name: str) -> int | None:
    """A number that macOS tells; None where it knows none of that name."""
    value, size = ctypes.c_int64(0), ctypes.c_size_t(8)
    ask = ctypes.CDLL(None).sysctlbyname
    ask.argtypes = [ctypes.c_char_p, *[ctypes.c_void_p] * 3, ctypes.c_size_t]
    place, room = ctypes.byref(value), ctypes.byref(size)
    return None if ask(name.encode(), place, room, None, 0) else value.value or None


def _fast_intel_cores() -> int | None:
    """Linux counts the events of fast and slow cores apart: there it lists the fast."""
    try:
        cores = {
            min(_numbers(_DEVICES / f"system/cpu/cpu{n}/topology/thread_siblings_list"))
            for n in _numbers(_DEVICES / "cpu_core" / "cpus")
        }
    except (OSError, ValueError):
        return None
    return len(cores) or None


def _numbers(path: Path) -> list[int]:
    """The numbers of a list such as "0-3,8"."""
    found: list[int] = []
    for span in path.read_text(encoding="ascii").strip().split(","):
        first, _, last = span.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found
