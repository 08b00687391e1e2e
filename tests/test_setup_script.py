"""`scripts/setup` on systems, in locales and with Pythons that are not ours."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.shared import ROOT


def load_setup() -> ModuleType:
    loader = SourceFileLoader("setup_script", str(ROOT / "scripts" / "setup"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return load_setup()


def test_flags_of_gcc_do_not_reach_microsofts_compiler(setup, monkeypatch):
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    monkeypatch.setattr(setup.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(setup, "compiler_takes", lambda compiler, flags: True)
    monkeypatch.setattr(setup.shutil, "which", lambda name: name)
    assert "-mno-amx-tile" in setup.cmake_args()
    monkeypatch.setattr(setup, "IS_WINDOWS", True)
    assert "_FLAGS" not in setup.cmake_args()


def test_a_compiler_may_print_what_the_locale_cannot_write(tmp_path: Path) -> None:
    compiler = tmp_path / "python"
    compiler.write_text("#!/bin/sh\nprintf '[1/2] \\201\\377 \\303\\251\\n'\n")
    compiler.chmod(0o755)
    log = tmp_path / "setup.log"
    code = (
        "from pathlib import Path;"
        "from tests.test_setup_script import load_setup;"
        "setup = load_setup();"
        f"setup.PYTHON = {str(compiler)!r}; setup.LOG = Path({str(log)!r});"
        "setup.build_llama()"
    )
    locale = {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=ROOT,
        env={**os.environ, **locale},
        check=True,
        timeout=60,
    )
    assert log.read_text("utf-8").endswith("é\n")


def write_program(path: Path, *lines: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def venv(setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `.venv` will be; nothing is there yet, and PYTHON names nothing."""
    folder = tmp_path / ".venv"
    monkeypatch.setattr(setup, "VENV", folder)
    monkeypatch.setattr(setup, "PYTHON", folder / "bin" / "python")
    monkeypatch.delenv("PYTHON", raising=False)
    return folder


def run_elsewhere(
    python: str, folder: Path, *options: str, oldest: str = "(3, 11)", **env: str
) -> str:
    """What the script says in a checkout that has no `.venv` yet."""
    script = folder / "checkout" / "scripts" / "setup"
    script.parent.mkdir(parents=True)
    source = (ROOT / "scripts" / "setup").read_text("utf-8")
    assert "OLDEST = (3, 11)" in source
    script.write_text(source.replace("OLDEST = (3, 11)", f"OLDEST = {oldest}"), "utf-8")
    done = subprocess.run(
        [python, str(script), *options],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.stdout


@pytest.mark.parametrize("minor", range(6, 11))
def test_an_old_python_says_what_is_needed(tmp_path: Path, minor: int) -> None:
    old = shutil.which(f"python3.{minor}")
    if not old or subprocess.run([old, "-V"], capture_output=True).returncode:
        pytest.skip(f"no Python 3.{minor} here")
    told = run_elsewhere(old, tmp_path, PYTHON=old)
    assert told.startswith(f"setup: Python 3.{minor}.")
    assert "is too old; 3.11 or newer is needed" in told
    assert "apt install python3.11-venv" in told


def test_a_newer_python_of_this_machine_takes_over(tmp_path: Path) -> None:
    # One lacks what makes a virtual environment, one is a stand-in of pyenv's.
    write_program(tmp_path / "python3.13", "exit 1")
    write_program(tmp_path / "python3.12", "exit 127")
    newer = ['case "$*" in *ensurepip*) ;; *) echo "has taken over with $2";; esac']
    write_program(tmp_path / "python3.11", *newer)
    told = run_elsewhere(
        sys.executable, tmp_path, "--dev", oldest="(99,)", PATH=str(tmp_path), PYTHON=""
    )
    assert "has taken over with --dev" in told
    assert "is too old; going on with python3.11" in told


def test_an_old_python_goes_on_with_the_one_in_the_venv(tmp_path: Path) -> None:
    theirs = ['case "$*" in *ensurepip*) ;; *) echo "has taken over";; esac']
    write_program(tmp_path / "checkout" / ".venv" / "bin" / "python", *theirs)
    told = run_elsewhere(sys.executable, tmp_path, oldest="(99,)", PATH="", PYTHON="")
    assert "has taken over" in told


def test_without_a_newer_python_it_says_what_to_install(tmp_path: Path) -> None:
    told = run_elsewhere(sys.executable, tmp_path, oldest="(99,)", PATH="", PYTHON="")
    assert "is too old; 3.11 or newer is needed" in told


def test_the_python_that_is_named_is_not_replaced(tmp_path: Path) -> None:
    write_program(tmp_path / "python3.13", "echo has taken over")
    here = sys.executable
    told = run_elsewhere(
        here, tmp_path, oldest="(99,)", PATH=str(tmp_path), PYTHON=here
    )
    assert "is too old; 3.11 or newer is needed" in told
    assert "taken over" not in told


def test_a_python_that_is_named_and_not_in_the_venv_is_refused(
    setup, venv, monkeypatch, tmp_path
):
    write_program(venv / "bin" / "python", "echo 3 11")
    setup.heed_choice()
    for version, refused in (("3 11", False), ("3 13", True)):
        named = write_program(tmp_path / "named", f"echo {version}")
        monkeypatch.setenv("PYTHON", named)
        if refused:
            with pytest.raises(SystemExit, match=r"holds Python 3\.11.* names 3\.13"):
                setup.heed_choice()
        else:
            setup.heed_choice()


def test_what_is_set_up_stays_so_whichever_python_asks(setup, venv, monkeypatch):
    write_program(venv / "bin" / "python")
    (venv / "pyvenv.cfg").write_text("version = 3.11.7\n")
    (venv / ".set-up-run").write_text(setup.stamp(dev=False))
    monkeypatch.setattr(sys, "version", "another")
    assert setup.is_set_up(dev=False)
    assert not setup.is_set_up(dev=True)
    (venv / "pyvenv.cfg").write_text("version = 3.13.0\n")
    assert not setup.is_set_up(dev=False)


def test_a_venv_of_an_old_python_is_refused_before_anything_is_built(setup, venv):
    write_program(venv / "bin" / "python", "echo 3 10")
    with pytest.raises(SystemExit, match=r"\.venv holds Python 3\.10; 3\.11 or newer"):
        setup.make_venv()


def test_a_venv_whose_python_is_gone_is_made_anew(setup, venv, monkeypatch):
    soon = f'exec "{sys.executable}" "$@" --without-pip'
    monkeypatch.setattr(sys, "executable", write_program(venv.parent / "py", soon))
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(venv / "removed")
    setup.make_venv()
    assert setup.version_of(str(setup.PYTHON)) == sys.version_info[:2]


@pytest.mark.parametrize("stream", [1, 2])
def test_why_no_venv_could_be_made_is_told(setup, venv, monkeypatch, stream):
    # Debian's Python says so on stdout, others on stderr.
    broken = write_program(venv.parent / "py", f"echo no ensurepip >&{stream}; exit 1")
    monkeypatch.setattr(sys, "executable", broken)
    with pytest.raises(SystemExit, match=r"no ensurepip\n.* apt install python3"):
        setup.make_venv()
