"""`llama-server` and `llama-bench` of the llama.cpp that llama-cpp-python builds.

Finds them, or builds them once: the source package of llama-cpp-python holds the
whole llama.cpp tree, and pip fetches it. The flags are those of `scripts/setup`, so
that both sides run the same kernels.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

SOURCE_PACKAGE = "llama-cpp-python==0.3.36"
TREE = "vendor/llama.cpp"
CMAKE_OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DLLAMA_CURL=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
)
#: llama.cpp compiled by gcc 12 faults in its AMX kernels; see scripts/setup.
NO_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"


@dataclass(frozen=True)
class PeerTools:
    """Paths of the two programs."""

    server: Path
    bench: Path


def find_tools(folder: Path | None, cache: Path) -> PeerTools:
    """The programs in `folder`, or in the cache, built there on the first call."""
    for place in (folder, cache / "llama.cpp-build"):
        found = _in(place) if place else None
        if found:
            return found
    if folder is not None:
        sys.exit(f"bench_peers: no llama-server and llama-bench in {folder}")
    source = fetch_source(cache)
    build(source, cache / "llama.cpp-build")
    found = _in(cache / "llama.cpp-build")
    if found is None:
        sys.exit("bench_peers: the build left no llama-server; see its output above")
    return found


def fetch_source(cache: Path) -> Path:
    """The llama.cpp tree, unpacked in the cache."""
    ready = next(iter(cache.glob(f"llama_cpp_python-*/{TREE}/CMakeLists.txt")), None)
    if ready is not None:
        return ready.parent
    cache.mkdir(parents=True, exist_ok=True)
    print(f"bench_peers: fetching the source package {SOURCE_PACKAGE}", flush=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
         "--no-binary", ":all:", "--dest", str(cache), SOURCE_PACKAGE],
        check=True,
    )  # fmt: skip
    (package,) = cache.glob("llama_cpp_python-*.tar.gz")
    with tarfile.open(package) as archive:
        archive.extractall(cache, filter="data")
    package.unlink()
    return next(iter(cache.glob(f"llama_cpp_python-*/{TREE}")))


def build(source: Path, target: Path) -> None:
    """Configure and build; about 8 minutes on two cores."""
    cmake = shutil.which("cmake")
    if cmake is None:
        sys.exit("bench_peers: cmake is missing (pip install cmake ninja)")
    print("bench_peers: building llama-server, about 8 minutes on two cores, once")
    options = list(CMAKE_OPTIONS)
    if platform.machine() in ("x86_64", "AMD64"):
        options += [f"-DCMAKE_C_FLAGS={NO_AMX}", f"-DCMAKE_CXX_FLAGS={NO_AMX}"]
    subprocess.run(
        [cmake, "-S", str(source), "-B", str(target), *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    jobs = str(os.cpu_count() or 2)
    subprocess.run(
        [cmake, "--build", str(target), "-j", jobs,
         "--target", "llama-server", "llama-bench"],
        check=True,
    )  # fmt: skip


def _in(folder: Path) -> PeerTools | None:
    for place in (folder, folder / "bin"):
        tools = PeerTools(place / "llama-server", place / "llama-bench")
        if tools.server.exists() and tools.bench.exists():
            return tools
    return None
