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


TOOLS = """
def get_current_temperature(location: str, unit: str) -> float:
    \"\"\"Get the current temperature at a location.

    Args:
        location: The location, in the format "City, Country".
        unit: The unit. (choices: ["celsius", "fahrenheit"])
    \"\"\"
    return 22.0
"""


def test_a_question_about_a_call_is_asked_again(shell: Terminal, tmp_path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS)
    options = f"--private --temperature 0 --tools {tmp_path}/tools.py"
    shell.press(f"{sys.executable} -m hermes_gguf chat tiny {options}\r")
    shell.wait_for("›")
    shell.press("Hey, what's the temperature in Paris right now?\r")
    shell.wait_for("[a]lways:")
    shell.press("\x1a")
    shell.wait_for("Stopped")
    shell.wait_for("shell>")
    shell.press("fg\r")
    shell.wait_for("run it? [Y]es, [n]o, [a]lways:")
    shell.press("y\r")
    shell.wait_for("22.0 degrees")
    shell.wait_for("›")
    shell.press("\x04")
    shell.wait_for("shell>")


def test_what_is_begun_in_the_background_is_not_stopped_for_it(shell: Terminal) -> None:
    shell.press(f"{sys.executable} -m hermes_gguf serve tiny --port 0 &\r")
    shell.wait_for("stop             Ctrl-C")
    shell.press("jobs\r")
    shell.wait_for("Running")
    shell.press("kill %1\r")
    shell.wait_for("shell>")
    shell.press("wait\r")
    shell.wait_for("Terminated")


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
