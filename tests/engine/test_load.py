"""A file that is no usable model ends in an error, never in a crash."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import gguf
import pytest

from hermes_gguf.chat.plan import LoadPlan
from hermes_gguf.engine import load_engine
from hermes_gguf.engine.llama import hardware, library
from hermes_gguf.engine.llama.fitting import (
    Fit,
    choose_n_ctx,
    describe_backend,
    fit_to_machine,
)
from hermes_gguf.engine.llama.gguf_file import BLOCK_SIZES, read_gguf_header
from hermes_gguf.engine.llama.library import GpuDevice, gpu_devices
from hermes_gguf.errors import (
    EngineUnavailableError,
    ModelChangedError,
    ModelLoadError,
)
from hermes_gguf.options import LoadOptions
from tests.engine.asking import request, run
from tests.support.random_gguf import write_random_gguf
from tests.support.tiny import tiny_model


def damaged(model_path: Path, kind: str) -> bytes:
    data = model_path.read_bytes()
    return {
        "empty": b"",
        "garbage": b"this is a text file, not a model\n" * 50,
        "only the magic": data[:4],
        "cut inside the metadata": data[:300],
        "cut inside the tensor table": data[: data.index(b"blk.1") + 3],
        "cut inside the weights": data[: len(data) * 2 // 3],
        "one byte short": data[:-1],
        "another version": data[:4] + (99).to_bytes(4, "little") + data[8:],
        "a huge tensor count": data[:8] + b"\xff" * 8 + data[16:],
        "a huge string": data[:24] + b"\xff" * 8 + data[32:],
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "empty", "garbage", "only the magic", "cut inside the metadata",
        "cut inside the tensor table", "cut inside the weights", "one byte short",
        "another version", "a huge tensor count", "a huge string",
    ],
)  # fmt: skip
def test_a_damaged_file_is_an_error(model_path, tmp_path, kind):
    path = tmp_path / "model.gguf"
    path.write_bytes(damaged(model_path, kind))
    with pytest.raises(ModelLoadError) as caught:
        load_engine(path)
    assert caught.value.hint
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_directory_are_errors(tmp_path):
    for path in (tmp_path, tmp_path / "nothing.gguf"):
        with pytest.raises(ModelLoadError):
            load_engine(path)


def test_a_file_with_random_damage_is_an_error_or_loads(model_path, tmp_path):
    """Bytes of the header are changed at random; Python must outlive each load."""
    data = bytearray(model_path.read_bytes())
    header_bytes = data.index(b"output.weight")
    rng = random.Random(3)
    paths = []
    for index in range(40):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(8, header_bytes)] = rng.randrange(256)
        path = tmp_path / f"{index}.gguf"
        path.write_bytes(changed)
        paths.append(str(path))
    code = (
        "import sys\n"
        "from hermes_gguf.engine import load_engine\n"
        "from hermes_gguf.errors import HermesError\n"
        "for path in sys.argv[1:]:\n"
        "    print(path, flush=True)\n"
        "    try: load_engine(path).close()\n"
        "    except HermesError as e: print(type(e).__name__, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *paths],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout[-300:], done.stderr[-2000:])


@pytest.mark.parametrize("small_first_shard", [False, True])
def test_a_model_in_parts_loads_from_the_first(tmp_path, small_first_shard):
    whole = read_gguf_header(write_random_gguf(tmp_path / "whole.gguf"))
    parts = random_parts(tmp_path, small_first_shard=small_first_shard)
    load_engine(parts[0]).close()
    found = read_gguf_header(parts[0])
    assert found.files == tuple(parts)
    assert found.size_bytes == sum(part.stat().st_size for part in parts)
    assert (found.n_tensors, found.tensor_bytes) == (
        whole.n_tensors,
        whole.tensor_bytes,
    )


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (Path.unlink, "-00002-of-00003.gguf is missing"),
        (lambda part: os.truncate(part, 5000), "-00002-of-00003.gguf: tensor .* ends"),
        (lambda part: part.write_bytes(b"<html>"), "-00002-.*: this is not a GGUF"),
        (lambda part: write_random_gguf(part), "-00002-.* is not part 2"),
    ],
)
def test_a_damaged_part_is_named(tmp_path, damage, says):
    parts = random_parts(tmp_path)
    damage(parts[1])
    with pytest.raises(ModelLoadError, match=says):
        load_engine(parts[0])
    with pytest.raises(ModelLoadError, match="not the first"):
        load_engine(parts[2])


@pytest.mark.parametrize("use_mmap", [True, False])
def test_a_file_that_was_written_to_since_is_noticed_where_it_is_mapped(
    model_path, tmp_path, use_mmap
):
    path = tmp_path / "model.gguf"
    path.write_bytes(model_path.read_bytes())
    options = LoadOptions(n_ctx=64, use_mmap=use_mmap)
    with load_engine(path, options=options) as engine:
        before, _ = run(engine, request("hi", max_tokens=4))
        path.replace(tmp_path / "moved.gguf")
        path.write_bytes(b"another one")
        again, _ = run(engine, request("hi", max_tokens=4))
        assert again == before
        path.unlink()
        (tmp_path / "moved.gguf").replace(path)
        with path.open("r+b") as file:
            file.seek(-8, os.SEEK_END)
            file.write(b"\0" * 8)
        if not use_mmap:
            run(engine, request("hi", max_tokens=4))
            return
        with pytest.raises(ModelChangedError, match=r"model\.gguf: it was written to"):
            engine.generate(request("hi", max_tokens=4))


def random_parts(folder: Path, **options: bool) -> list[Path]:
    write_random_gguf(folder / "parts.gguf", split_max_tensors=8, **options)
    return sorted(folder.glob("parts-*.gguf"))


@pytest.mark.parametrize("name", [b"a b.gguf", "größe 漢.gguf".encode(), b"\xff.gguf"])
def test_a_file_may_have_any_name(model_path, tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    try:
        path.symlink_to(model_path)
    except OSError:
        pytest.skip("this file system has no such names")
    load_engine(path).close()
    LoadPlan(path=path).name.encode()


def test_what_does_not_fit_in_memory_is_refused_with_the_arithmetic(
    model_path, monkeypatch
):
    monkeypatch.setattr(hardware, "available_bytes", lambda: 100 << 20)
    with pytest.raises(ModelLoadError, match=r"GB of memory .* are free"):
        load_engine(model_path)


def test_a_context_that_is_too_long_is_refused_with_the_way_out(model_path):
    with pytest.raises(ModelLoadError) as caught:
        load_engine(model_path, options=LoadOptions(n_ctx=2_000_000_000))
    assert "--kv-type q8_0" in caught.value.hint


@pytest.mark.parametrize(
    ("free_gib", "wanted", "layers"),
    [(40, -1, 33), (4, -1, 13), (0.5, -1, 0), (40, 10, 10), (40, 99, 33), (40, 0, 0)],
)
def test_as_many_layers_are_offloaded_as_fit(free_gib, wanted, layers):
    gib = 1 << 30
    need = hardware.MemoryNeed(int(5.5 * gib), int(2.75 * gib), gib // 4)
    found = hardware.choose_gpu_layers(
        need, n_layers=32, wanted=wanted, free_bytes=int(free_gib * gib)
    )
    assert found == layers


@pytest.mark.parametrize(("integrated", "fits"), [(False, True), (True, False)])
def test_what_lies_on_a_gpu_needs_no_memory_here(
    model_path, monkeypatch, integrated, fits
):
    header = read_gguf_header(model_path)
    buffers = hardware.memory_need(header, n_cells=2048, kv_type="f16", n_batch=512)
    monkeypatch.setattr(
        hardware, "available_bytes", lambda: buffers.buffer_bytes + (4 << 10)
    )
    device = GpuDevice("A GPU", 8 << 30, integrated)

    def fit() -> Fit:
        return fit_to_machine(
            "m", header, LoadOptions(), devices=[device], on_warning=print
        )

    if fits:
        assert fit().n_gpu_layers == 3
        assert describe_backend("CPU : AVX2 = 1 | ", fit()).startswith(
            "A GPU (3 layers), CPU ("
        )
    else:
        with pytest.raises(ModelLoadError):
            fit()


def test_a_build_for_the_cpu_has_no_gpu():
    assert gpu_devices() == []


def test_the_key_value_cache_is_as_large_as_computed(model_path):
    header = read_gguf_header(model_path)
    # 2 layers, 1 KV head of 32, keys and values, 2 bytes.
    assert hardware.kv_bytes_per_token(header, "f16") == 2 * 1 * 64 * 2
    assert hardware.kv_bytes_per_token(header, "q8_0") == 2 * 1 * 64 * 34 / 32


def test_without_llama_cpp_the_error_says_how_to_install_it(model_path, monkeypatch):
    from hermes_gguf.engine.llama import library

    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    library.load_library.cache_clear()
    try:
        with pytest.raises(EngineUnavailableError) as caught:
            load_engine(model_path)
    finally:
        monkeypatch.undo()
        library.load_library.cache_clear()
        library.load_library()
    assert "pip install" in caught.value.hint


def test_block_sizes_are_those_of_the_gguf_package():
    theirs = {int(kind): size for kind, size in gguf.GGML_QUANT_SIZES.items()}
    assert {k: theirs[k] for k in BLOCK_SIZES} == dict(BLOCK_SIZES)


def test_the_model_says_what_it_is(engine):
    info = engine.info
    assert (info.name, info.architecture, info.n_vocab) == ("random", "llama", 276)
    assert info.n_ctx == info.n_ctx_train == 2048
    assert info.metadata["llama.block_count"] == "2"
    assert info.backend.startswith("CPU (")


@pytest.mark.parametrize(
    ("wanted", "trained", "n_ctx"),
    [(0, 131072, 8192), (0, 2048, 2048), (0, 0, 8192), (4096, 2048, 4096)],
)
def test_the_context_length_is_as_wanted_or_what_is_sensible(wanted, trained, n_ctx):
    assert choose_n_ctx(wanted, trained) == n_ctx


@pytest.mark.parametrize(
    ("system_info", "said"),
    [
        ("CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 1 | ", "CPU (AVX512, 2 threads)"),
        ("CPU : NEON = 1 | ", "CPU (NEON, 2 threads)"),
        ("", "CPU (2 threads)"),
    ],
)
def test_the_backend_is_named_for_people(system_info, said):
    assert describe_backend(system_info, Fit(1, 2)) == said


def test_a_small_model_gets_one_thread():
    assert hardware.choose_threads(10 << 20) == 1
    assert hardware.choose_threads(4 << 30) == hardware.usable_cores() >= 1


@pytest.mark.parametrize(("gpu_layers", "warns"), [(-1, False), (0, False), (9, True)])
def test_layers_for_a_gpu_that_is_not_there_stay_here_and_say_so(
    model_path, gpu_layers, warns
):
    warnings: list[str] = []
    fit = fit_to_machine(
        "m",
        read_gguf_header(model_path),
        LoadOptions(gpu_layers=gpu_layers),
        devices=[],
        on_warning=warnings.append,
    )
    assert fit.n_gpu_layers == 0
    assert bool(warnings) is warns


@pytest.fixture(params=["SIGINT", "SIGTERM", "SIGHUP"])
def interrupting(request: pytest.FixtureRequest) -> Iterator[int]:
    """A signal that interrupts, as Ctrl-C does."""
    number = getattr(signal, request.param)
    before = signal.signal(number, signal.default_int_handler)
    yield number
    signal.signal(number, before)


@pytest.mark.parametrize("after_ms", [0.1, 0.3, 0.6, 1, 1.5, 2, 3, 5])
def test_what_interrupts_is_never_lost_in_a_load(
    after_ms: float, interrupting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def soon() -> None:
        kill = partial(os.kill, os.getpid(), interrupting)
        threading.Timer(after_ms / 1000, kill).start()
        monkeypatch.undo()

    def load() -> None:
        with load_engine(tiny_model(), options=LoadOptions(n_ctx=256)):
            time.sleep(1)

    # What is called last before llama.cpp reads the file.
    monkeypatch.setattr(library, "forget_log", soon)
    with pytest.raises(KeyboardInterrupt):
        load()
    assert signal.getsignal(interrupting) is signal.default_int_handler
