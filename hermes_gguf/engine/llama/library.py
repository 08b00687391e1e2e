"""The shared library of llama.cpp: loaded once, silenced, asked what it can do.

The only place that decides how `llama_cpp` is imported. It knows no model.
"""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...errors import EngineUnavailableError

#: Values of `enum ggml_backend_dev_type`.
_GPU, _IGPU = 1, 2
_LOG_ERROR = 4
_LOG_WARN = 3
_INSTALL_HINT = (
    "pip install llama-cpp-python   (without a compiler: pip install llama-cpp-python"
    " --extra-index-url https://abetlen.github.io/llama-cpp-python/whl/cpu)"
)

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
    except ImportError as error:
        raise EngineUnavailableError(
            "llama-cpp-python is not installed.", hint=_INSTALL_HINT
        ) from error
    except (OSError, RuntimeError, AttributeError) as error:
        raise EngineUnavailableError(
            f"llama-cpp-python cannot be loaded: {error}", hint=_INSTALL_HINT
        ) from error
    _require_fields(lib)
    lib.llama_log_set(_log_callback(lib), None)
    lib.llama_backend_init()
    return lib


def _require_fields(lib: Any) -> None:
    """Refuse bindings whose structures this package does not know."""
    fields = dict(lib.llama_model_params._fields_)
    context = dict(lib.llama_context_params._fields_)
    if (
        not {"load_mode", "use_extra_bufts"} <= fields.keys()
        or not {
            "n_outputs_max",
            "kv_unified",
            "flash_attn_type",
        }
        <= context.keys()
    ):
        raise EngineUnavailableError(
            "This llama-cpp-python is older than 0.3.36.",
            hint="pip install -U 'llama-cpp-python>=0.3.36,<0.4'",
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


def library_files() -> list[Path]:
    """The shared libraries of this build, sorted by name."""
    lib = load_library()
    folder = Path(str(lib._lib._name)).parent
    kinds = ("*.so", "*.dylib", "*.dll")
    return sorted(file for kind in kinds for file in folder.glob(kind))


@dataclass(frozen=True, slots=True)
class GpuDevice:
    """A device that layers can be offloaded to."""

    name: str
    free_bytes: int
    integrated: bool


def gpu_devices() -> list[GpuDevice]:
    """The GPUs that this build can use; none for a CPU build."""
    lib = load_library()
    if not lib.llama_supports_gpu_offload():
        return []
    ggml = _ggml()
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
            found.append(GpuDevice(name, free.value, kind == _IGPU))
    return found


def _ggml() -> Any:
    """The library that knows the devices, with the types of what is called here."""
    ggml = load_library()._lib
    if not hasattr(ggml, "ggml_backend_dev_count"):
        # Windows does not look into the libraries that a library needs.
        folder = Path(str(ggml._name)).parent
        ggml = ctypes.CDLL(str(folder / "ggml.dll"))
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    return ggml


@lru_cache(maxsize=1)
def flag_callback() -> Any:
    """A native function `f(buffer)` that is true when the buffer's first byte is 1.

    llama.cpp calls the abort callback before every graph node; a Python function
    there would cost a GIL hand-over per node. `strlen` of a two-byte buffer is 0 or
    1, which is all that is needed.
    """
    lib = load_library()
    libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(libc.strlen, lib.ggml_abort_callback)
