"""Which model runs: flag, setting, newest download, question; never a silent pull."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from hermes_gguf.catalog import load_catalog
from hermes_gguf.cli.model_choice import offered_model
from hermes_gguf.machine import render_bytes, render_download_time

from .conftest import Run

CHOOSE = (
    "import sys\n"
    "from hermes_gguf.cli.program import app\n"
    "from hermes_gguf.cli.errors import report_error\n"
    "from hermes_gguf.cli.model_choice import choose_model\n"
    "from hermes_gguf.cli.settings import load_settings, load_user_catalog\n"
    "import typer\n"
    "name = sys.argv[1] if len(sys.argv) > 1 else None\n"
    "try:\n"
    "    catalog, settings = load_user_catalog(), load_settings()\n"
    "    print(choose_model(name, catalog=catalog, settings=settings).path)\n"
    "except typer.Exit as end: sys.exit(end.exit_code)\n"
    "except Exception as error: sys.exit(report_error(error))\n"
)


def _cached(home: dict[str, str], repo_id: str, filename: str, age: int) -> Path:
    folder = Path(home["HF_HOME"]) / "hub" / f"models--{repo_id.replace('/', '--')}"
    path = folder / "snapshots" / ("b" * 40) / filename
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF")
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def _choose(home: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHOOSE, *args],
        env=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def _choose_at_terminal(home: dict[str, str], answer: str, *args: str) -> str:
    """Everything a person sees who types `answer`."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", CHOOSE, *args],
        env=home,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(ours, answer.encode())
        seen = b""
        try:
            while block := os.read(ours, 4096):
                seen += block
        except OSError:
            # Linux says EIO when the other side is closed.
            pass
        process.wait(timeout=60)
    os.close(ours)
    return seen.decode()


def test_flag_before_setting_before_newest(home: dict[str, str], hermes: Run) -> None:
    three = "NousResearch/Hermes-3-Llama-3.2-3B-GGUF"
    eight = "NousResearch/Hermes-3-Llama-3.1-8B-GGUF"
    old = _cached(home, three, "Hermes-3-Llama-3.2-3B.Q4_K_M.gguf", age=1000)
    new = _cached(home, eight, "Hermes-3-Llama-3.1-8B.Q8_0.gguf", age=10)
    assert _choose(home).stdout.strip() == str(new)
    hermes("config", "model", "hermes-3-3b")
    assert _choose(home).stdout.strip() == str(old)
    assert _choose(home, "hermes-3-8b").stdout.strip() == str(new)


def test_without_a_terminal_nothing_is_asked_or_downloaded(
    home: dict[str, str],
) -> None:
    done = _choose(home)
    assert done.returncode == 1
    assert "hermes-gguf pull hermes-" in done.stderr
    assert "--model tiny" in done.stderr
    assert not Path(home["HF_HOME"]).exists()


def test_a_person_is_offered_the_download_with_its_cost(home: dict[str, str]) -> None:
    seen = _choose_at_terminal(home, "3\n")
    offered = offered_model(load_catalog())
    assert f"download {offered.title}" in seen
    assert "GB, about" in seen
    assert "minutes at 50 Mbit/s" in seen
    assert "embedded" in seen
    assert not Path(home["HF_HOME"]).exists()


def test_a_named_model_is_offered_and_declining_is_no_download(
    home: dict[str, str],
) -> None:
    seen = _choose_at_terminal(home, "n\n", "hermes-3-8b")
    assert "hermes-3-8b is not on this machine yet (4.9 GB, about 13 minutes" in seen
    assert "Later: hermes-gguf pull hermes-3-8b" in seen
    assert not Path(home["HF_HOME"]).exists()


def test_agreeing_starts_the_download(home: dict[str, str]) -> None:
    seen = _choose_at_terminal(home, "y\n", "hermes-3-8b")
    assert "cannot be reached" in seen


@pytest.mark.parametrize(
    ("size", "text"),
    [(4_920_733_824, "4.9 GB"), (6_300_000, "6.3 MB"), (12, "12 B"), (None, "?")],
)
def test_sizes_for_people(size: int | None, text: str) -> None:
    assert render_bytes(size) == text


def test_the_time_of_a_download_for_people() -> None:
    assert render_download_time(4_920_733_824) == "about 13 minutes at 50 Mbit/s"
    assert render_download_time(1000) == "about a minute at 50 Mbit/s"


@pytest.mark.parametrize("words", [["tiny"], ["-m", "tiny"], ["tiny", "-m", "tiny"]])
def test_chat_takes_the_model_as_an_argument_or_an_option(hermes: Run, words) -> None:
    done = hermes("chat", *words, "--temperature", "0", stdin=None, input="hello\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("command", ["chat", "serve", "eval", "bench"])
def test_two_names_for_one_model_are_refused(hermes: Run, command) -> None:
    done = hermes(command, "tiny", "-m", "hermes-3-8b")
    assert done.returncode == 2
    assert "'tiny'" in done.stderr
    assert "'hermes-3-8b'" in done.stderr
