"""A library whose AMX code kills the process is found out once, in a child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hermes_gguf.engine.llama import amx, library
from hermes_gguf.engine.load import load_engine

AMX_INFO = "CPU : AVX512 = 1 | AMX_INT8 = 1 | REPACK = 1 | "


@pytest.fixture
def build(tmp_path: Path) -> dict[str, object]:
    file = tmp_path / "libggml-cpu.so"
    file.write_bytes(b"a build")
    cache = tmp_path / "cache"
    return {"library_files": [file], "cpu": "A CPU", "cache_dir": cache}


class Child:
    """Runs a real child process that behaves as told."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.runs = 0

    def __call__(self, command: object) -> int:
        self.runs += 1
        return subprocess.run([sys.executable, "-c", self.code], check=False).returncode


def test_a_child_that_survives_is_asked_once(build):
    child = Child("pass")
    assert amx.amx_is_safe(**build, run_child=child)
    assert amx.amx_is_safe(**build, run_child=child)
    assert child.runs == 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_child_that_dies_by_a_signal_is_remembered(build):
    child = Child(f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})")
    assert not amx.amx_is_safe(**build, run_child=child)
    assert not amx.amx_is_safe(**build, run_child=child)
    assert child.runs == 1


def test_a_child_that_fails_for_another_reason_is_tried_again(build):
    child = Child("raise SystemExit(3)")
    assert not amx.amx_is_safe(**build, run_child=child)
    assert not amx.amx_is_safe(**build, run_child=child)
    assert child.runs == 2


def test_another_build_or_processor_is_another_question(build):
    child = Child("pass")
    amx.amx_is_safe(**build, run_child=child)
    build["library_files"][0].write_bytes(b"another build")
    amx.amx_is_safe(**build, run_child=child)
    amx.amx_is_safe(**{**build, "cpu": "B CPU"}, run_child=child)
    assert child.runs == 3


def test_a_damaged_verdict_and_a_cache_that_cannot_be_written_only_cost_a_trial(build):
    child = Child("pass")
    amx.amx_is_safe(**build, run_child=child)
    next(build["cache_dir"].glob("amx-*.json")).write_text("{")
    assert amx.amx_is_safe(**build, run_child=child)
    blocked = build["cache_dir"] / "file"
    blocked.write_text("")
    assert amx.amx_is_safe(**{**build, "cache_dir": blocked}, run_child=child)
    assert child.runs == 3


def test_the_real_trial_survives_on_this_build():
    done = subprocess.run(
        [sys.executable, "-m", "hermes_gguf.engine.llama.amx_trial"],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("status", "n_warnings"), [(-11, 1), (0, 0)])
def test_loading_says_when_it_goes_without_amx(
    model_path, tmp_path, monkeypatch, status, n_warnings
):
    loaded: list[bool] = []
    monkeypatch.setattr(library, "system_info", lambda: AMX_INFO)
    monkeypatch.setattr(amx, "_run", lambda command: status)
    real = library.load_library()
    monkeypatch.setattr(
        real,
        "llama_model_load_from_file",
        lambda path, params, load=real.llama_model_load_from_file: (
            loaded.append(params.use_extra_bufts),
            load(path, params),
        )[1],
    )
    warnings: list[str] = []
    load_engine(model_path, on_warning=warnings.append, cache_dir=tmp_path).close()
    assert len(warnings) == n_warnings
    assert all("\n" not in line for line in warnings)
    assert loaded == [status == 0]


def test_a_build_without_amx_is_never_tried(model_path, tmp_path, monkeypatch):
    monkeypatch.setattr(library, "system_info", lambda: "CPU : AVX2 = 1 | ")
    monkeypatch.setattr(amx, "_run", lambda command: pytest.fail("a child was run"))
    load_engine(model_path, cache_dir=tmp_path).close()
