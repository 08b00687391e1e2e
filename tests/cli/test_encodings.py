"""Texts in the encodings that locales, editors and other systems give them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "hermes_gguf"]
ASK = ["run", "--model", "tiny", "--max-tokens", "1", "--json"]
SAID = "Grüße, 🙂 e\u0301"


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "de_DE.ISO-8859-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONIOENCODING": "utf-16"},
    ],
    ids=str,
)
def test_a_pipe_speaks_utf_8_in_every_locale(home, locale):
    done = subprocess.run(
        [*PROGRAM, *ASK], env=home | locale, input=SAID.encode(), capture_output=True
    )
    assert json.loads(done.stdout.decode())["messages"][0]["content"] == SAID


ENCODINGS = pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])


@ENCODINGS
def test_a_question_may_come_out_of_a_file_that_windows_wrote(home, encoding):
    written = f"{SAID}\r\nyou".encode(encoding)
    done = subprocess.run(
        [*PROGRAM, *ASK], env=home, input=written, capture_output=True
    )
    said = json.loads(done.stdout)["messages"][0]["content"]
    assert said == f"{SAID}\nyou"


@ENCODINGS
def test_the_turns_of_a_chat_may_come_out_of_a_file_that_windows_wrote(home, encoding):
    written = f"{SAID}\r\n\r\nyou\r\n".encode(encoding)
    said = subprocess.run(
        [*PROGRAM, "chat", "tiny", "--temperature", "0"],
        env=home,
        input=written,
        capture_output=True,
    )
    plain = subprocess.run(
        [*PROGRAM, "chat", "tiny", "--temperature", "0"],
        env=home,
        input=f"{SAID}\nyou\n".encode(),
        capture_output=True,
    )
    assert (said.stderr, said.stdout) == (b"", plain.stdout)


@ENCODINGS
def test_documents_to_try_may_come_out_of_a_file_that_windows_wrote(
    home, tmp_path, encoding
):
    (tmp_path / "s.json").write_text('{"enum": ["é", "è"]}')
    done = subprocess.run(
        [*PROGRAM, "grammar", str(tmp_path / "s.json"), "--test"],
        env=home,
        input='"é"\r\n"è"\r\n'.encode(encoding),
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_chat_on_a_pipe_answers_a_line_before_the_next_one_is_there(home):
    with subprocess.Popen(
        [*PROGRAM, "chat", "tiny", "--max-tokens", "3"],
        env=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as chat:
        assert chat.stdin
        assert chat.stdout
        for line in ("\ufeffHi\n", "you\n"):
            chat.stdin.write(line.encode("utf-16-le"))
            chat.stdin.flush()
            assert chat.stdout.readline().strip()
            assert chat.stdout.readline() == b"\n"
        chat.stdin.close()
        assert chat.wait() == 0


@pytest.mark.parametrize("command", [["chat", "tiny"], ["run", "--model", "tiny"]])
def test_a_cut_file_that_windows_wrote_is_no_bug_of_ours(home, command):
    done = subprocess.run(
        [*PROGRAM, *command],
        env=home,
        input="Hi".encode("utf-16")[:-1],
        capture_output=True,
        text=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: stdin is no text")


@pytest.mark.parametrize(
    ("option", "file", "text"),
    [
        ("--schema", b"s\xff.json", '{"const": "é"}'),
        ("--tools", b"t\xff.py", "def f() -> str:\n    'F.'\n    return ''\n"),
        ("--system", b"@s\xff.txt", "You are brief."),
    ],
)
def test_files_whose_names_are_no_text_are_files(home, tmp_path, option, file, text):
    Path(tmp_path, os.fsdecode(file.removeprefix(b"@"))).write_text(text)
    done = subprocess.run(
        [*PROGRAM, "run", "--model", "tiny", "--temperature", "0", option, file, "Hi"],
        env=home,
        cwd=tmp_path,
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["grammar", "-"], 2, "Error: stdin: it is empty\n"),
        (["grammar", "FILE", "--test"], 0, ""),
        (["run", "--model", "tiny"], 2, "Error: QUESTION: missing"),
    ],
)
def test_a_closed_stdin_is_an_empty_one(home, tmp_path, command, code, said):
    (tmp_path / "s.json").write_text("{}")
    args = [str(tmp_path / "s.json") if word == "FILE" else word for word in command]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *PROGRAM, *args],
        env=home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code
    assert done.stderr.startswith(said)
    assert "Internal" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["path", "~nobody9/x.gguf"],
        ["run", "--model", "tiny", "--system", "@~nobody9/x", "hi"],
        ["run", "--model", "tiny", "--tools", "~nobody9/x.py", "hi"],
        ["run", "--model", "tiny", "--schema", "~nobody9/x.json", "hi"],
        ["run", "--model", "tiny", "--mcp", "~nobody9/x.json", "hi"],
    ],
)
def test_a_home_that_nobody_has_is_a_file_that_is_not_there(hermes, command):
    done = hermes(*command)
    assert done.returncode == 2
    assert "nobody9" in done.stderr
    assert "Internal error" not in done.stderr
