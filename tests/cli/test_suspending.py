"""Ctrl-Z gives the shell back as it was, and the program goes on where it stopped."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

import pytest

from .pty_terminal import Terminal

pytestmark = pytest.mark.skipif(
    shutil.which("bash") is None, reason="no shell with job control is known here"
)


@pytest.fixture
def shell(home: dict[str, str]) -> Iterator[Terminal]:
    terminal = Terminal(home | {"PS1": "shell> "}, ["bash", "--norc", "-i"])
    terminal.wait_for("shell>")
    yield terminal
    terminal.close()


def stop(shell: Terminal, words: str, shown: str) -> None:
    """Run a command, and press Ctrl-Z when `shown` appears."""
    shell.press(f"{sys.executable} -m hermes_gguf {words}\r")
    shell.wait_for(shown)
    shell.press("\x1a")
    shell.wait_for("Stopped")
    shell.wait_for("shell>")
    assert not shell.hides_cursor


def test_a_bar_leaves_the_shell_its_cursor_and_goes_on(shell: Terminal) -> None:
    stop(shell, "eval tiny --cases 20 --rows call", "asking ")
    shell.press("fg\r")
    shell.wait_for("asking ")
    shell.press("\x03")
    shell.wait_for("stopped early")
    shell.wait_for("shell>")


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("chat tiny --private", "›"),
        ("grammar examples/person.json --test", "next:"),
    ],
)
def test_a_line_that_is_typed_can_wait(
    shell: Terminal, words: str, prompt: str
) -> None:
    stop(shell, words, prompt)
    shell.press("fg\r")
    shell.wait_for(prompt)
    shell.press("\x04")
    shell.wait_for("shell>")
