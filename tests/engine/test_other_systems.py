"""What llama.cpp and the processor say on Apple's machines, on Windows, and on both."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from hermes_gguf.engine.llama import cores, hardware, library
from hermes_gguf.engine.llama.fitting import Fit, describe_backend, fit_to_machine
from hermes_gguf.engine.llama.gguf_file import read_gguf_header
from hermes_gguf.engine.llama.library import GpuDevice
from hermes_gguf.errors import EngineUnavailableError, ModelLoadError
from hermes_gguf.options import LoadOptions


class Dll:
    """A library of Windows: it has its own functions, none of those that it uses."""

    def __init__(self, real: ctypes.CDLL, name: str, *functions: str) -> None:
        self._real, self._name, self._functions = real, name, functions

    def __getattr__(self, name: str) -> object:
        if name not in self._functions:
            raise AttributeError(name)
        return getattr(self._real, name)


def test_gpus_are_found_where_each_library_has_its_own_functions(monkeypatch):
    real = library.load_library()
    dlls = {
        r"C:\lib\ggml.dll": ("ggml_backend_dev_count", "ggml_backend_dev_get"),
        r"C:\lib\ggml-base.dll": (
            "ggml_backend_dev_type",
            "ggml_backend_dev_memory",
            "ggml_backend_dev_description",
        ),
    }
    lib = SimpleNamespace(
        _lib=Dll(real._lib, "C:/lib/llama.dll"), llama_supports_gpu_offload=lambda: True
    )
    monkeypatch.setattr(library, "load_library", lambda: lib)
    monkeypatch.setattr(
        library.ctypes,
        "CDLL",
        lambda path: Dll(real._lib, path, *dlls[path.replace("/", "\\")]),
    )
    monkeypatch.setattr(library, "_GPU", 0)  # the processor is one, for once
    (device,) = library.gpu_devices()
    assert device.name
    assert device.free_bytes > 0


@pytest.mark.parametrize(
    ("name", "shares"), [(b"Apple M2 Pro", True), (b"AMD Radeon Pro 5500M", False)]
)
def test_apples_gpu_works_in_this_machines_memory(monkeypatch, name, shares):
    functions = SimpleNamespace(
        ggml_backend_dev_count=lambda: 1,
        ggml_backend_dev_get=lambda index: 1,
        ggml_backend_dev_type=lambda device: 1,
        ggml_backend_dev_memory=lambda device, free, total: None,
        ggml_backend_dev_description=lambda device: name,
    )
    lib = SimpleNamespace(llama_supports_gpu_offload=lambda: True)
    monkeypatch.setattr(library, "load_library", lambda: lib)
    monkeypatch.setattr(library, "_device_functions", lambda: functions)
    assert library.gpu_devices() == [GpuDevice(name.decode(), 0, shares, shares)]


@pytest.mark.parametrize(
    ("integrated", "n_layers_granted", "fits"),
    [(True, 3, True), (True, 2, False), (False, 2, True)],
)
def test_what_metal_has_no_room_for_whole_is_held_against_what_is_free(
    model_path, monkeypatch, integrated, n_layers_granted, fits
):
    header = read_gguf_header(model_path)
    need = hardware.memory_need(header, n_cells=2048, kv_type="f16", n_batch=512)
    on_gpu_bytes = need.weights_bytes + need.kv_bytes
    granted_bytes = int(need.buffer_bytes + (n_layers_granted + 0.5) * on_gpu_bytes / 3)
    monkeypatch.setattr(
        hardware, "available_bytes", lambda: need.buffer_bytes + on_gpu_bytes // 2
    )
    device = GpuDevice("A GPU", granted_bytes + (512 << 20), integrated, integrated)

    def fit() -> Fit:
        options = LoadOptions(n_ctx=2048)
        return fit_to_machine("m", header, options, devices=[device], on_warning=print)

    if fits:
        assert fit().n_gpu_layers == n_layers_granted
    else:
        with pytest.raises(ModelLoadError):
            fit()


def test_the_processor_is_named_where_a_gpu_tells_its_features_first():
    info = "MTL : EMBED_LIBRARY = 1 | CPU : NEON = 1 | ARM_FMA = 1 | "
    assert describe_backend(info, Fit(1, 4)) == "CPU (NEON, 4 threads)"
    on_gpu = Fit(1, 4, n_gpu_layers=33, gpu_name="Apple M2")
    assert describe_backend(info, on_gpu) == (
        "Apple M2 (33 layers), CPU (NEON, 4 threads)"
    )


def test_slow_cores_get_no_thread_on_apple_silicon(monkeypatch):
    def sysctlbyname(name, value, size, new, new_size):
        assert size._obj.value == 8
        if name != b"hw.perflevel0.physicalcpu":
            return -1
        value._obj.value = 6
        return 0

    monkeypatch.setattr(sys, "platform", "darwin")
    libc = SimpleNamespace(sysctlbyname=sysctlbyname)
    monkeypatch.setattr(cores.ctypes, "CDLL", lambda _: libc)
    assert cores.fast_cores() == 6


def test_slow_cores_get_no_thread_on_intels_mixed_processors(tmp_path, monkeypatch):
    # Two fast cores of two threads each, and four slow ones.
    (tmp_path / "cpu_core").mkdir()
    (tmp_path / "cpu_core" / "cpus").write_text("0-3\n")
    for n in range(8):
        folder = tmp_path / f"system/cpu/cpu{n}/topology"
        folder.mkdir(parents=True)
        siblings = f"{n - n % 2}-{n - n % 2 + 1}" if n < 4 else str(n)
        (folder / "thread_siblings_list").write_text(f"{siblings}\n")
    monkeypatch.setattr(cores, "_DEVICES", tmp_path)
    monkeypatch.setattr(hardware.cgroups, "processor_quota", lambda: None)
    monkeypatch.setattr(
        hardware.psutil, "cpu_count", lambda logical: 8 - 2 * (not logical)
    )
    monkeypatch.setattr(
        hardware.psutil,
        "Process",
        lambda: SimpleNamespace(cpu_affinity=lambda: [*range(8)]),
    )
    assert hardware.usable_cores() == 2


BROKEN = {
    "llama_cpp": "raise RuntimeError(\"Failed to load shared library 'llama.dll'\")",
    "a dependency": "import no_such_dependency",
    "an extension": "raise ImportError('DLL load failed while importing _core')",
    "cuda": "raise FileNotFoundError(3, 'cannot find the path', r'C:\\CUDA\\bin')",
}


@pytest.mark.parametrize(
    ("platform", "broken", "says", "advises"),
    [
        ("win32", "llama_cpp", "llama.dll", "winget install Microsoft.VCRedist"),
        ("linux", "llama_cpp", "llama.dll", "pip install --force-reinstall"),
        ("linux", "a dependency", "no_such_dependency", "--force-reinstall"),
        ("win32", "an extension", "DLL load failed", "winget"),
        ("win32", "cuda", r"C:\\CUDA\\bin", "CUDA_PATH"),
    ],
)
def test_bindings_that_are_here_and_broken_are_not_called_missing(
    tmp_path, platform, broken, says, advises
):
    package = tmp_path / "llama_cpp"
    package.mkdir()
    (package / "__init__.py").write_text(BROKEN[broken])
    code = (
        "import sys, hermes_gguf.engine.llama.library as library;"
        f"sys.platform = {platform!r};"
        "library.load_library()"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{PRINT}\ntry: {code}\nexcept E as e: show(e)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    message, hint = done.stdout.splitlines()
    assert "cannot be loaded" in message
    assert says in message
    assert advises in hint


PRINT = """\
from hermes_gguf.errors import EngineUnavailableError as E
def show(error): print(error.message, error.hint, sep=chr(10))
"""


def test_an_old_version_is_replaced_by_a_line_that_every_shell_takes(monkeypatch):
    fields = SimpleNamespace(_fields_=[])
    lib = SimpleNamespace(llama_model_params=fields, llama_context_params=fields)
    with pytest.raises(EngineUnavailableError) as caught:
        library._require_fields(lib)
    # To cmd.exe a single quote is a letter, and `<` behind it a redirection.
    assert "'" not in (caught.value.hint or "")
    assert '"llama-cpp-python>=' in (caught.value.hint or "")


def test_everything_is_cached_in_one_folder_on_windows():
    code = (
        "import platformdirs, platformdirs.windows as windows;"
        "windows.get_win_folder = lambda name: '/Local';"
        "platformdirs.PlatformDirs = windows.Windows;"
        "from hermes_gguf.engine.load import open_prefix_store as store;"
        "from hermes_gguf.hub.cache import Folders;"
        "assert store()._folder.parent == Folders.of_user().own, store()._folder"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
