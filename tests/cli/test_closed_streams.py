"""Standard streams that whoever started the program has closed, as `>&-` does."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.support.shared import ROOT
from tests.support.tiny import tiny_model

_PROGRAM = f"exec {shlex.quote(sys.executable)} -m hermes_gguf"
_PERSON = str(ROOT / "examples/person.json")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="its shell cannot close any")


def shell(line: str, home: dict[str, str], **more: object) -> tuple[int, str]:
    """Exit code and stderr."""
    done = subprocess.run(  # type: ignore[call-overload]
        ["/bin/sh", "-c", f"{_PROGRAM} {line}"],
        env=home, stderr=subprocess.PIPE, text=True, timeout=60,
        **{"stdin": subprocess.DEVNULL, "cwd": home["HOME"], **more},
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "run --model tiny Hello",
        "run --model tiny --json Hello",
        f"run --model tiny --schema {_PERSON} 'Maria Keller is 41 years old.'",
        f"grammar {_PERSON}",
        f"grammar {_PERSON} --explain",
        f"grammar {_PERSON} --output -",
        "models",
        "models --json",
        "path tiny",
        "pull tiny",
        "config",
        "eval tiny --cases 1 --rows call --json -",
        "bench tiny --quick",
        "--version",
        "chat --help",
    ],
)
def test_what_answers_on_stdout_fails_where_that_is_closed(home, line):
    code, said = shell(f"{line} >&-", home)
    assert code == 2, said
    error, _ = said.splitlines()[-2:]
    assert error.startswith("Error: stdout is closed")
    assert "Traceback" not in said


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="it has no full disk")
@pytest.mark.parametrize("line", ["models", "run --model tiny Hello", "path tiny"])
def test_a_full_disk_under_stdout_is_one_error(home, line):
    # Python keeps what it could not write, and tries once more as it ends.
    home.pop("PYTHONUNBUFFERED", None)
    code, said = shell(f"{line} > /dev/full", home)
    assert (code, said.splitlines()) == (
        1,
        [
            "Error: the output: No space left on device",
            "Next:  free some room on that disk, then run it again",
        ],
    )


@pytest.mark.parametrize("line", ["models", "run --model tiny Hello"])
def test_a_reader_that_left_is_no_error_to_tell(home, line):
    home.pop("PYTHONUNBUFFERED", None)
    theirs, ours = os.pipe()
    os.close(theirs)
    code, said = shell(line, home, stdout=ours)
    os.close(ours)
    assert (code, said) == (1, "")


def test_a_piped_chat_is_not_answered_into_the_void(home):
    with subprocess.Popen(["echo", "Hello"], stdout=subprocess.PIPE) as asks:
        code, said = shell("chat tiny >&-", home, stdin=asks.stdout)
    assert (code, "stdout is closed" in said) == (2, True)


def test_what_says_nothing_on_stdout_needs_none(home):
    assert shell("config threads 3 >&-", home)[0] == 0
    settings = Path(home["HERMES_GGUF_CONFIG_DIR"], "settings.toml")
    assert "threads = 3" in settings.read_text()


def test_a_dash_is_stdout_which_holds_the_figures_alone(hermes, home):
    tiny_model()
    done = hermes("eval", "tiny", "-n", "1", "--rows", "answer", "--json", "-")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('{\n "model": "tiny"')
    assert "Wilson" in done.stderr
    assert not Path("-").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what it has open")
@pytest.mark.parametrize("options", ["", "--no-supervise"])
def test_a_server_runs_without_any_standard_stream(home, options):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = f"{_PROGRAM} serve tiny --port {port} {options} <&- >&- 2>&-"
    with subprocess.Popen(["/bin/sh", "-c", command], env=home) as process:
        url = f"http://127.0.0.1:{port}/v1/models"
        for _ in range(300):
            try:
                with urllib.request.urlopen(url, timeout=5) as reply:
                    assert reply.status == 200
                    break
            except OSError:
                time.sleep(0.1)
        held = [os.readlink(f"/proc/{process.pid}/fd/{n}") for n in (0, 1, 2)]
        process.send_signal(signal.SIGTERM)
    assert process.returncode == -signal.SIGTERM
    # A file or a connection there would get what llama.cpp prints.
    assert held == ["/dev/null"] * 3
