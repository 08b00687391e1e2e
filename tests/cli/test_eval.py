"""`hermes-gguf eval` as a person runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.tiny import tiny_model

_EVAL = [sys.executable, "-m", "hermes_gguf", "eval"]


def test_it_prints_the_table_and_writes_the_figures(tmp_path: Path) -> None:
    tiny_model()
    figures = tmp_path / "figures.json"
    run = subprocess.run(
        [*_EVAL, "tiny", "-n", "2", "--rows", "call,json", "--json", str(figures)],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    for part in ("without grammar", "with grammar", "whole call exact", "/2", "Wilson"):
        assert part in run.stdout
    body = json.loads(figures.read_text("utf-8"))
    assert body["done"] == body["cases"] == 4
    exact = body["columns"]["with grammar"]["lines"]["whole call exact"]
    assert exact["tries"] == 2
    assert exact["low"] <= exact["share"] <= exact["high"]


def test_one_way_only_and_a_file_in_place_of_a_name(tmp_path: Path) -> None:
    run = subprocess.run(
        [*_EVAL, str(tiny_model()), "-n", "1", "--rows", "answer", "--with-grammar"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "without grammar" not in run.stdout
    assert "with grammar" in run.stdout


def test_a_wrong_row_says_which_there_are() -> None:
    run = subprocess.run(
        [*_EVAL, "tiny", "--rows", "calls"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 2
    assert "--rows: 'calls' is none of" in run.stderr
    assert "no_tool" in run.stderr
    assert "Traceback" not in run.stderr


def test_ctrl_c_prints_what_was_measured(tmp_path: Path) -> None:
    tiny_model()
    figures = tmp_path / "figures.json"
    with subprocess.Popen(
        [*_EVAL, "tiny", "--show", "1", "--json", str(figures)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stderr is not None
        # The first miss that is shown tells that asking has begun.
        for line in process.stderr:
            if "expected" in line:
                break
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "stopped early" in stdout
    assert json.loads(figures.read_text("utf-8"))["interrupted"] is True
