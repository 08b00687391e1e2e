"""Functions that close or replace the standard streams cost nobody the answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .pty_terminal import Terminal

QUESTION = "Hey, what's the temperature in Paris right now?"
ANSWER = "The current temperature in Paris, France is 22.0 degrees Celsius.\n"
ASKED = ("--temperature", "0", "--tools")
TOOLS = '''
import io, os, sys
{first}

def get_current_temperature(location: str, unit: str) -> float:
    """Get the current temperature at a location.

    Args:
        location: The location, in the format "City, Country".
        unit: The unit. (choices: ["celsius", "fahrenheit"])
    """
    {does}
    return 22.0
'''
#: What a function may do, and the streams that are named then in a chat.
DONE = [
    ("sys.stdout.close()", ["closed sys.stdout"]),
    ("sys.stderr.close()", ["closed sys.stderr"]),
    ("sys.stdin.close()", ["closed sys.stdin"]),
    (
        "print('hi'); sys.stdout.close(); sys.stderr.close()",
        ["closed sys.stdout", "closed sys.stderr"],
    ),
    ("sys.stdout = io.StringIO()", ["replaced sys.stdout"]),
    ("sys.stderr = None", ["replaced sys.stderr"]),
    ("sys.stdin = io.StringIO('x')", ["replaced sys.stdin"]),
    ("os.close(1)", ["closed sys.stdout"]),
    ("os.close(2)", ["closed sys.stderr"]),
    ("open(1, 'w')", ["closed sys.stdout"]),
    ("sys.stdout = io.TextIOWrapper(sys.stdout.detach())", ["replaced sys.stdout"]),
    ("io.TextIOWrapper(sys.stdout.buffer)", []),
]


def tools_file(folder: Path, *, does: str = "pass", first: str = "") -> str:
    path = folder / "tools.py"
    path.write_text(TOOLS.format(does=does, first=first))
    return str(path)


@pytest.mark.parametrize(("does", "named"), DONE)
def test_a_chat_goes_on_after_it_and_tells(hermes, tmp_path, does, named):
    tools = tools_file(tmp_path, does=does)
    done = hermes(
        *("chat", "tiny", "--yes", *ASKED, tools),
        stdin=None,
        input=f"{QUESTION}\nyou\n",
    )
    assert done.returncode == 0, done.stderr
    assert ANSWER in done.stdout
    assert "I am Hermes" in done.stdout
    told = [f"(get_current_temperature {what}; that is undone)" for what in named]
    assert done.stderr.splitlines() == told


@pytest.mark.parametrize("does", [does for does, _ in DONE])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_run_answers_after_it(hermes, tmp_path, does, form):
    tools = tools_file(tmp_path, does=does)
    done = hermes("run", "--model", "tiny", *form, *ASKED, tools, QUESTION)
    assert done.returncode == 0, done.stderr
    assert ANSWER.strip() in done.stdout
    assert done.stdout.count("\n") == 1
    assert ("that is undone" in done.stderr) is (does != DONE[-1][0])


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_line_that_a_function_leaves_open_is_ended(hermes, tmp_path, stream):
    tools = tools_file(tmp_path, does=f"print('half', end='', file=sys.{stream})")
    done = hermes("run", "--model", "tiny", *ASKED, tools, QUESTION)
    assert done.stderr.splitlines()[1:] == ["half", "← 22.0"]
    assert done.stdout == ANSWER
    options = ("chat", "tiny", "--yes", *ASKED, tools)
    done = hermes(*options, stdin=None, input=f"{QUESTION}\n")
    assert "half\n" in (done.stdout if stream == "stdout" else done.stderr)
    assert "\n← 22.0\n" in done.stdout


def test_a_file_of_tools_that_replaces_them_is_told_by_its_name(hermes, tmp_path):
    tools = tools_file(tmp_path, first="sys.stdout = sys.stderr = io.StringIO()")
    done = hermes("chat", "tiny", *ASKED, tools, stdin=None, input="you\n")
    assert done.returncode == 0
    assert "I am Hermes" in done.stdout
    for name in ("stdout", "stderr"):
        assert f"Note: {tools} replaced sys.{name}; that is undone." in done.stderr


def test_what_a_function_prints_is_there_at_once_where_that_is_wanted(home, tmp_path):
    tools = tools_file(tmp_path, does="print('half', end=''); sys.stdin.readline()")
    with subprocess.Popen(
        [sys.executable, "-m", "hermes_gguf", "chat", "tiny", "--yes", *ASKED, tools],
        env=home | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as chat:
        assert chat.stdin
        assert chat.stdout
        chat.stdin.write(f"{QUESTION}\n".encode())
        chat.stdin.flush()
        assert chat.stdout.readline().startswith("→".encode())
        assert chat.stdout.read(4) == b"half"
        chat.stdin.write(b"\n")
        chat.stdin.close()
        chat.stdout.read()


@pytest.mark.skipif(os.name == "nt", reason="it has no such terminals")
@pytest.mark.parametrize(
    "does", ["sys.stdout.close()", "sys.stdin.close()", "os.close(0)", "open(1, 'w')"]
)
def test_the_line_of_a_chat_can_be_typed_on_after_it(home, tmp_path, does):
    tools = tools_file(tmp_path, does=does)
    command = [sys.executable, "-m", "hermes_gguf", "chat", "tiny", "--yes"]
    chat = Terminal(home, [*command, *ASKED, tools])
    try:
        chat.wait_for("›")
        chat.press(f"{QUESTION}\r")
        chat.wait_for("that is undone")
        chat.wait_for("22.0 degrees")
        chat.wait_for("›")
        chat.press("you\r")
        chat.wait_for("I am Hermes")
        chat.wait_for("›")
        chat.press("\x04")
        assert chat.wait_until_gone() == 0
    finally:
        chat.close()
