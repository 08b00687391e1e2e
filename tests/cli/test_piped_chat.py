"""`chat` on a pipe: every line is a turn, and nobody can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shared import ROOT

WEATHER = str(ROOT / "examples" / "weather_tools.py")
QUESTION = "Hey, what's the temperature in Paris right now?"


def test_a_chat_on_a_pipe_shows_the_call_and_the_answer(hermes):
    options = ["--tools", WEATHER, "--yes", "--temperature", "0"]
    done = hermes("chat", "-m", "tiny", *options, stdin=None, input=QUESTION + "\n")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        '→ get_current_temperature(location="Paris, France", unit="celsius")',
        "← 22.0",
    ]
    assert "22.0" in lines[2]


def test_a_call_is_not_run_on_a_pipe_without_yes(hermes):
    done = hermes(
        "chat", "-m", "tiny", "--tools", WEATHER, stdin=None, input=QUESTION + "\n"
    )
    assert "denied" in done.stdout
    assert "--yes" in done.stdout


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no file c.json"),
        ("{}", "c.json holds no conversation"),
        ("{", "c.json is not JSON"),
        ('[{"role": "king"}]', "c.json: messages[0]: its role must be"),
        ('[{"role": "user", "content": "x"}]', "c.json: messages[0]: the last turn"),
    ],
)
def test_a_conversation_that_is_none_is_told_before_a_model_loads(
    hermes, tmp_path, monkeypatch, content, told
):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("c.json").write_text(content)
    done = hermes("chat", "-m", "no-model-at-all", "--resume", "c.json")
    assert done.returncode == 2
    assert f"--resume: {told}" in done.stderr


def test_yes_also_runs_what_requires_approval(hermes, tmp_path):
    source = Path(WEATHER).read_text(encoding="utf-8")
    careful = tmp_path / "careful.py"
    careful.write_text(
        source + "\nfrom hermes_gguf import tool\n"
        "get_current_temperature = tool(requires_approval=True)"
        "(get_current_temperature)\n"
        "__all__ = ['get_current_temperature']\n"
    )
    options = ["--tools", str(careful), "--temperature", "0"]
    asked = {"stdin": None, "input": QUESTION + "\n"}
    assert "denied" in hermes("chat", "-m", "tiny", *options, **asked).stdout
    done = hermes("chat", "-m", "tiny", *options, "--yes", **asked)
    assert "← 22.0" in done.stdout


def test_a_turn_that_fails_on_a_pipe_is_told_on_stderr_and_by_the_exit_code(hermes):
    lines = "word " * 5000 + "\n/save stolen.json\n"
    done = hermes("chat", "-m", "tiny", stdin=None, input=lines)
    assert done.returncode == 2
    assert "The prompt has" in done.stderr
    assert "Error" not in done.stdout
    # A line with a slash is a turn like any other.
    assert "saved" not in done.stdout
    assert not Path("stolen.json").exists()
