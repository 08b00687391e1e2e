"""What a processor can do and a build of llama.cpp does not use.

Prebuilt packages are made for processors of ten years ago: they run everywhere, and
several times as slowly as they could.

Source of the names: `llama_print_system_info` of llama.cpp, and the flags and features
in Linux's /proc/cpuinfo.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from pathlib import Path

#: Linux's name → llama.cpp's, of what its kernels for quantized weights are written in.
_X86: Mapping[str, str] = {
    "avx": "AVX",
    "avx2": "AVX2",
    "fma": "FMA",
    "f16c": "F16C",
    "avx_vnni": "AVX_VNNI",
    "avx512f": "AVX512",
    "avx512_vnni": "AVX512_VNNI",
}
_ARM: Mapping[str, str] = {
    "asimd": "NEON",
    "asimddp": "DOTPROD",
    "i8mm": "MATMUL_INT8",
    "sve": "SVE",
}


def used_features(system_info: str) -> list[str]:
    """What a build uses, by llama.cpp's names."""
    known = {*_X86.values(), *_ARM.values(), "AMX_INT8"}
    switches = (part.strip().partition(" = ") for part in system_info.split("|"))
    names = {name.split()[-1]: value for name, _, value in switches if name}
    return [name for name, value in names.items() if name in known and value == "1"]


def unused_features(system_info: str, cpu_flags: frozenset[str]) -> list[str]:
    """What the processor has and the build does not use, by llama.cpp's names."""
    used = used_features(system_info)
    names = _ARM if "asimd" in cpu_flags else _X86
    could = [name for flag, name in names.items() if flag in cpu_flags]
    return [name for name in could if name not in used]


def cpu_flags() -> frozenset[str] | None:
    """The processor's features by Linux's names; None where the system hides them."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        # Every Apple processor has these two.
        return frozenset({"asimd", "asimddp"})
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return None
