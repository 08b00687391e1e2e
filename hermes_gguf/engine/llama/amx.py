"""Whether this build of llama.cpp survives its own AMX code on this machine.

Some compilers build AMX kernels that end the process at the first decode of a
quantized model. The build is tried once in a child process; the verdict is kept per
library build and processor. It knows nothing of models but one path to try.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ...files import write_atomically

_TIMEOUT_S = 60
_FLAGS = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
WARNING = (
    "This build of llama.cpp crashes in its AMX code; running without it (slower"
    " prefill). To rebuild: CMAKE_ARGS=\"-DCMAKE_C_FLAGS='"
    + _FLAGS
    + "' -DCMAKE_CXX_FLAGS='"
    + _FLAGS
    + "'\" pip install --force-reinstall --no-deps --no-binary llama-cpp-python"
    " llama-cpp-python"
)

#: Runs a command and returns its exit status; a signal is negative.
RunChild = Callable[[Sequence[str]], int]


def built_with_amx(system_info: str) -> bool:
    """Whether llama.cpp says that its AMX code was compiled in."""
    return "AMX_INT8 = 1" in system_info


def amx_is_safe(
    *,
    library_files: Sequence[Path],
    cpu: str,
    cache_dir: Path,
    run_child: RunChild | None = None,
) -> bool:
    """Whether a decode through AMX works here; asked once, then remembered."""
    record = cache_dir / f"amx-{build_key(library_files, cpu)}.json"
    known = _read_verdict(record)
    if known is not None:
        return known
    status = (run_child or _run)([sys.executable, "-m", __package__ + ".amx_trial"])
    if status > 0:
        # It ended by itself: that says nothing about AMX, so nothing is kept.
        return False
    safe = status == 0
    _write_verdict(record, safe)
    return safe


def build_key(library_files: Sequence[Path], cpu: str) -> str:
    """A name for this build on this processor: 16 hex digits."""
    digest = hashlib.sha256(cpu.encode())
    for file in library_files:
        digest.update(file.name.encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _run(command: Sequence[str]) -> int:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 1
    # Windows reports a crash as a large positive status.
    return -1 if done.returncode > 0xFFFF else done.returncode


def _read_verdict(record: Path) -> bool | None:
    try:
        value = json.loads(record.read_text(encoding="utf-8"))["safe"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, bool) else None


def _write_verdict(record: Path, safe: bool) -> None:
    """Keep the verdict; a disk that refuses costs only another trial."""
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(record, [json.dumps({"safe": safe}).encode()])
    except OSError:
        return
