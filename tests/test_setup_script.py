"""`scripts/setup` on systems and in locales that are not ours."""

from __future__ import annotations

import importlib.util
import os
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
