"""A signal that ends the program leaves neither files nor a mute terminal behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .pty_terminal import Terminal

Start = Callable[..., Terminal]

#: A tool that would take a while, and one that takes a while to be defined.
SLOW = '''
import time

def wait() -> str:
    """Wait."""
    print("at work", flush=True)
    time.sleep(100)
'''
SLOW_FILE = 'import time\nprint("at work", flush=True)\ntime.sleep(100)\n'
TIDY = """
import os, signal
from hermes_gguf.cli.ending_signals import ends_by

with ends_by("SIGHUP"):
    try:
        os.kill(os.getpid(), signal.SIGHUP)
    finally:
        os.kill(os.getpid(), signal.SIGHUP)
        print("put away", flush=True)
"""

IN_A_TASK = """
import asyncio, os, signal
from hermes_gguf.cli.ending_signals import ends_by

async def step():
    os.kill(os.getpid(), signal.SIGTERM)

async def work():
    # As the line editor does with its tasks.
    task = asyncio.ensure_future(step())
    task.add_done_callback(lambda task: print(repr(task.exception()), flush=True))
    await asyncio.sleep(60)

with ends_by("SIGTERM"):
    asyncio.run(work())
"""


@pytest.fixture
def start(home: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "slow_file.py").write_text(SLOW_FILE)
    (tmp_path / "temporary").mkdir()
    opened: list[Terminal] = []

    def run(*words: str) -> Terminal:
        env = home | {"TMPDIR": str(tmp_path / "temporary")}
        opened.append(Terminal(env, [sys.executable, "-m", "hermes_gguf", *words]))
        return opened[-1]

    yield run
    for one in opened:
        one.close()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("chat tiny", "loading"),
        ("chat tiny --tools {}/slow_file.py", "at work"),
        ("eval tiny --cases 20 --rows call", "asking"),
        ("serve tiny --port 0", "loading"),
    ],
)
def test_the_terminal_and_the_folder_of_temporary_files_are_as_they_were(
    start: Start, tmp_path: Path, words: str, shown: str, name: str
) -> None:
    number = getattr(signal, name)
    program = start(*words.format(tmp_path).split())
    program.wait_for(shown)
    program.send(number)
    assert program.wait_until_gone() == -number
    assert program.modes == program.first_modes
    assert not program.hides_cursor
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_it_ends_the_program_and_not_only_the_function_that_runs(
    start: Start, tmp_path: Path, name: str
) -> None:
    number = getattr(signal, name)
    tools = str(tmp_path / "slow.py")
    chat = start("chat", "tiny", "--tools", tools, "--yes", "--temperature", "0")
    chat.wait_for("›")
    chat.press("Please call wait.\r")
    chat.wait_for("at work")
    chat.send(number)
    assert chat.wait_until_gone() == -number
    [kept] = tmp_path.rglob("chats/*.json")
    told = json.loads(kept.read_text())["messages"][-1]
    assert (told["role"], "interrupted" in told["content"]) == ("tool", True)


def test_a_second_one_at_once_does_not_disturb_what_the_first_began() -> None:
    done = subprocess.run([sys.executable, "-c", TIDY], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("put away\n", -signal.SIGHUP)


def test_an_event_loop_takes_it_for_no_mistake_of_the_task_that_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_TASK], capture_output=True, text=True
    )
    assert (done.stdout, done.returncode) == ("None\n", -signal.SIGTERM)
