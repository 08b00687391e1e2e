"""How the weights lie in memory: as in the file, or repacked for wide kernels.

llama.cpp repacks quantized weights by default, into a copy that the file is not mapped
for. Measured with llama-cpp-python 0.3.36, a Q4_K file of the 1B shape and two threads
(`scripts/bench_peers --only layout`): with AVX512-VNNI its newer tiled kernels, which
need the file's own layout, read prompts 1.6 to 2 times as fast and batches of 12 and
more tokens up to 1.25 times as fast, and a load makes no copy; one token at a time is
10 to 20 % slower while the threads are too few to use up the memory's speed. With AVX2
alone neither layout is much ahead in reading, and the repacked one decodes faster.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...options import LoadOptions
from . import amx, hardware, library


def repacks_weights(
    options: LoadOptions, cache_dir: Path, *, on_warning: Callable[[str], None]
) -> bool:
    """Whether llama.cpp may repack the weights: as told, if safe, where it pays."""
    if options.repack is not None:
        return options.repack
    system_info = library.system_info()
    if not amx.built_with_amx(system_info):
        return not _prefers_file_layout(system_info)
    safe = amx.amx_is_safe(
        library_files=library.library_files(),
        cpu=hardware.cpu_name(),
        cache_dir=cache_dir,
    )
    if not safe:
        on_warning(amx.WARNING)
    return safe


def _prefers_file_layout(system_info: str) -> bool:
    """Whether weights shall stay as they are in the file.

    Args:
        system_info: What `llama_print_system_info` says of this build and machine.
    """
    return "AVX512_VNNI = 1" in system_info
