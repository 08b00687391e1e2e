"""`hermes-gguf grammar --test`: documents typed by hand, or line by line."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from hermes_gguf.cli.grammar_try import status
from hermes_gguf.cli.grammar_typing import Judge, typed_documents
from hermes_gguf.cli.grammar_walk import walk_text
from hermes_gguf.grammar.compile import compile_schema

from .conftest import Run
from .grammar_command import SCHEMA


def test_lines_of_stdin_are_tested_one_by_one(hermes: Run, folder: Path) -> None:
    lines = '{"name": "A", "age": 1}\n{"age"\n'
    done = hermes(
        "grammar", "person.json", "--test", cwd=folder, stdin=None, input=lines
    )
    assert done.returncode == 0
    assert done.stdout.startswith("accepted\nrefused at line 1, column 3\n")
    assert done.stderr == ""


def test_tab_writes_what_must_come() -> None:
    properties = {**SCHEMA["properties"], "unit": {"enum": ["m", "ft"]}}
    constraint = compile_schema(
        {"type": "object", "properties": properties, "required": ["name", "unit"]},
        closed=True,
    ).constraint()
    with create_pipe_input() as keys, create_app_session(keys, DummyOutput()):
        keys.send_text('\tAda", "u\tf\t\r\x04')
        assert list(typed_documents(constraint)) == ['{"name": "Ada", "unit": "ft"}']


def test_ctrl_c_drops_what_is_typed_and_leaves_where_nothing_is() -> None:
    constraint = compile_schema(SCHEMA).constraint()
    with create_pipe_input() as keys, create_app_session(keys, DummyOutput()):
        keys.send_text('{"na\x03{}\r\x03')
        assert list(typed_documents(constraint)) == ["{}"]


def test_what_is_wrong_is_red_from_there_on() -> None:
    styled = Judge(compile_schema(SCHEMA).constraint()).lex_document(
        Document('{"name": 1\n}')
    )
    assert styled(0) == [("", '{"name": '), ("class:bad", "1")]
    assert styled(1) == [("", ""), ("class:bad", "}")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 'next: `{"name": "` (Tab)'),
        ('{"name": "A", "age": x', "stops at column 22: expected a digit"),
        ('{"name": "A", "age": 7}', "complete"),
        ("\n", 'stops at line 1, column 1: expected `{"name": "`'),
    ],
)
def test_the_line_below_says_what_may_come(text: str, words: str) -> None:
    constraint = compile_schema(SCHEMA, closed=True).constraint()
    assert status(walk_text(constraint, text)).startswith(words)


def test_it_works_on_a_terminal(home: dict[str, str], folder: Path) -> None:
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "-m", "hermes_gguf", "grammar", "person.json", "--test"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=home | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        cwd=folder,
        start_new_session=True,
    )
    os.close(terminal)
    try:
        _wait_for(screen, ">")
        os.write(screen, b'\tAda"\t7}\r')
        _wait_for(screen, "accepted")
        deadline = time.monotonic() + 20
        while child.poll() is None and time.monotonic() < deadline:
            # What comes before the next prompt is ready is lost.
            os.write(screen, b"\x04")
            time.sleep(0.2)
        assert child.poll() == 0
    finally:
        child.kill()
        child.wait()
        os.close(screen)


def _wait_for(screen: int, text: str, *, timeout_s: float = 30) -> None:
    seen = b""
    deadline = time.monotonic() + timeout_s
    while text.encode() not in seen:
        ready, _, _ = select.select([screen], [], [], deadline - time.monotonic())
        assert ready, f"{text!r} is not in {seen!r}"
        seen += os.read(screen, 4096)
