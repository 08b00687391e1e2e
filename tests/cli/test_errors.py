"""Every error of the package has an exit code and is printed with its hint."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import hermes_gguf
from hermes_gguf.cli.errors import EXIT_CODES, exit_code, report_error
from hermes_gguf.errors import HermesError, UnknownModelError
from tests.support.shared import ROOT


def _subclasses(kind: type[HermesError]) -> set[type[HermesError]]:
    below = set(kind.__subclasses__())
    return below | {found for child in below for found in _subclasses(child)}


def test_every_error_class_has_an_exit_code() -> None:
    for module in pkgutil.walk_packages(hermes_gguf.__path__, "hermes_gguf."):
        if ".hub." in module.name or module.name == "hermes_gguf.errors":
            importlib.import_module(module.name)
    found = _subclasses(HermesError)
    assert len(found) > 25
    for kind in found:
        assert any(issubclass(kind, known) for known in EXIT_CODES), kind


def test_an_error_prints_its_message_and_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = UnknownModelError("hermes-9", close_matches=["hermes-4"])
    assert report_error(error) == exit_code(error) == 2
    assert capsys.readouterr().err == (
        "Error: No model named 'hermes-9'. Did you mean 'hermes-4'?\n"
        "Next:  hermes-gguf models\n"
    )


def test_a_bug_says_so_without_a_traceback_unless_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert report_error(KeyError("x")) == 1
    assert "Internal error: KeyError" in capsys.readouterr().err
    report_error(KeyError("x"), debug=True)
    assert "KeyError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(5, "Input/output error"), "Error: the output: Input/output error"),
        (
            OSError(13, "Permission denied", "a.json"),
            "Error: a.json: Permission denied",
        ),
        # What `tempfile` says where there is no folder for it.
        (OSError(2, "No folder in ['/tmp']"), "Error: No folder in ['/tmp']"),
    ],
)
def test_what_the_system_refuses_is_named(
    error: OSError, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_error(error) == 1
    assert capsys.readouterr().err == f"{told}\n"


def test_without_stderr_an_error_does_not_go_to_stdout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert report_error(KeyError("x"), debug=True) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "imported", ["hermes_gguf.cli.errors", "typer", "hermes_gguf.options", "llama_cpp"]
)
def test_ctrl_c_while_libraries_are_imported_ends_without_a_word(imported: str) -> None:
    code = (
        "import os, signal, sys\n"
        "from importlib.abc import MetaPathFinder\n"
        "class PressCtrlC(MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {imported!r}:\n"
        "            print('pressed', file=sys.stderr)\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, PressCtrlC())\n"
        "from hermes_gguf.cli.app import main\n"
        "main(['run', '--model', 'tiny', 'Hello'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "pressed\n")


def test_until_ctrl_c_is_heard_hardly_anything_is_imported() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "before = set(sys.modules)\n"
        "from hermes_gguf.cli.app import main\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    # Without the machine's own start files, which may import anything.
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "typing" not in done.stdout.split()
