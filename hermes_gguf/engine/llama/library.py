"""The shared library of llama.cpp: loaded once, silenced, asked what it can do.

The only place that decides how `llama_cpp` is imported. It knows no model.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ...errors import EngineUnavailableError

#: Values of `enum ggml_backend_dev_type`.
_GPU, _IGPU = 1, 2
_DEVICE_FUNCTIONS = (
    "ggml_backend_dev_count",
    "ggml_backend_dev_get",
    "ggml_backend_dev_type",
    "ggml_backend_dev_memory",
    "ggml_backend_dev_description",
)
#: The structures that are filled in here, and their fields that came last.
_FIELDS = {
    "llama_model_params": {"load_mode", "use_extra_bufts"},
    "llama_context_params": {"n_outputs_max", "kv_unified", "flash_attn_type"},
}
_LOG_ERROR = 4
_LOG_WARN = 3
_CPU_INDEX = "--extra-index-url https://abetlen.github.io/llama-cpp-python/whl/cpu"
_INSTALL_HINT = (
    "pip install llama-cpp-python   (without a compiler: pip install llama-cpp-python"
    f" {_CPU_INDEX})"
)
_REINSTALL_HINT = (
    "pip install --force-reinstall --no-cache-dir llama-cpp-python"
    f"   (without a compiler or a GPU's driver: add {_CPU_INDEX})"
)
#: What Windows lacks on a new machine: every library that is compiled there needs it.
_RUNTIME_HINT = "winget install Microsoft.VCRedist.2015+.x64; if that does not help: "

#: The last warnings and errors that llama.cpp printed, newest last.
_recent: deque[str] = deque(maxlen=40)


@lru_cache(maxsize=1)
def load_library() -> Any:
    """The low-level bindings, with the backend started and the log caught.

    Raises:
        EngineUnavailableError: llama-cpp-python is missing, broken or too old.
    """
    try:
        from llama_cpp import llama_cpp as lib
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise _unavailable(error) from error
    _require_fields(lib)
    lib.llama_log_set(_log_callback(lib), None)
    lib.llama_backend_init()
    return lib


def _unavailable(error: Exception) -> EngineUnavailableError:
    """Why the bindings cannot be imported: absent, or here and broken."""
    if isinstance(error, ModuleNotFoundError) and error.name == "llama_cpp":
        return EngineUnavailableError(
            "llama-cpp-python is not installed.", hint=_INSTALL_HINT
        )
    hint = _REINSTALL_HINT
    if isinstance(error, OSError) and error.filename:
        # The bindings look for a GPU's libraries where these variables say.
        hint = f"set CUDA_PATH or HIP_PATH right, or unset it; else: {hint}"
    elif sys.platform == "win32":
        hint = _RUNTIME_HINT + hint
    return EngineUnavailableError(
        f"llama-cpp-python cannot be loaded: {error}", hint=hint
    )


def _require_fields(lib: Any) -> None:
    """Refuse bindings whose structures lack what this package sets in them."""
    for structure, needed in _FIELDS.items():
        if not needed <= dict(getattr(lib, structure)._fields_).keys():
            raise EngineUnavailableError(
                "This llama-cpp-python is older than 0.3.36.",
                hint='pip install -U "llama-cpp-python>=0.3.36,<0.4"',
            )


@lru_cache(maxsize=1)
def _log_callback(lib: Any) -> Any:
    def on_log(level: int, text: bytes, _: object) -> None:
        if level in (_LOG_WARN, _LOG_ERROR) and text:
            _recent.append(text.decode("utf-8", "replace").strip())

    # Kept alive by the cache: C holds only the pointer.
    return lib.llama_log_callback(on_log)


def recent_log(limit: int = 3) -> str:
    """The last lines that llama.cpp complained with, joined by "; "."""
    return "; ".join(line for line in list(_recent)[-limit:] if line)


def forget_log() -> None:
    """Drop the remembered lines, before something that may fail."""
    _recent.clear()


def system_info() -> str:
    """What llama.cpp says of its build: "CPU : SSE3 = 1 | AVX512 = 1 | ..."."""
    text: bytes = load_library().llama_print_system_info()
    return text.decode("utf-8", "replace")


_LIBRARIES = (".so", ".dylib", ".dll")


def library_files() -> list[Path]:
    """The shared libraries of this build, sorted by name."""
    lib = load_library()
    folder = Path(str(lib._lib._name)).parent
    # In one call, which leaves nothing open where Ctrl-C interrupts it.
    names = sorted(os.listdir(folder))
    return [folder / name for name in names if name.endswith(_LIBRARIES)]


@dataclass(frozen=True, slots=True)
class GpuDevice:
    """A device that layers can be offloaded to.

    Attributes:
        name: As its maker calls it.
        free_bytes: What may be taken of its memory.
        integrated: Whether that is this machine's own memory.
        is_granted: Whether it is the system that says how much may be taken, whatever
            is free: Metal, which makes room by compressing what other programs hold.
    """

    name: str
    free_bytes: int
    integrated: bool
    is_granted: bool = False


def gpu_devices() -> list[GpuDevice]:
    """The GPUs that this build can use; none for a CPU build."""
    lib = load_library()
    if not lib.llama_supports_gpu_offload():
        return []
    ggml = _device_functions()
    found = []
    for index in range(ggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(ggml.ggml_backend_dev_get(index))
        kind = ggml.ggml_backend_dev_type(device)
        if kind in (_GPU, _IGPU):
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            ggml.ggml_backend_dev_memory(
                device, ctypes.byref(free), ctypes.byref(total)
            )
            name = ggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
            # To llama.cpp it is a GPU with a memory of its own.
            is_apple = name.startswith("Apple")
            shares = kind == _IGPU or is_apple
            found.append(GpuDevice(name, free.value, shares, is_apple))
    return found


def _device_functions() -> SimpleNamespace:
    """The functions that know the devices, with the types of what is called here."""
    libraries = [load_library()._lib]
    if not hasattr(libraries[0], _DEVICE_FUNCTIONS[0]):
        # Windows does not look into the libraries that a library needs.
        folder = Path(str(libraries[0]._name)).parent
        files = (folder / "ggml.dll", folder / "ggml-base.dll")
        libraries = [ctypes.CDLL(str(file)) for file in files]
    ggml = SimpleNamespace()
    for name in _DEVICE_FUNCTIONS:
        owner = next(each for each in libraries if hasattr(each, name))
        setattr(ggml, name, getattr(owner, name))
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    return ggml
