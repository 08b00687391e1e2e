"""Help texts name what a person types, not the Python type that reads it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from hermes_gguf.cli.commands import COMMANDS, OTHER_NAMES
from hermes_gguf.cli.program import app
from hermes_gguf.cli.settings import SETTING_NAMES
from tests.support.shared import ROOT

from .conftest import Run

_PYTHON_TYPES = ("<bool>", "<int", "<str>", "<float>", "<path>", "<list[")
WIDE = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_flags_show_no_value_and_options_show_what_to_type(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], env=WIDE).output
    options = [line for line in shown.splitlines() if line.startswith("│ -")]
    assert options
    assert not [word for word in _PYTHON_TYPES if word in shown]


@pytest.mark.parametrize("columns", ["40", "60", "79", "80", "100"])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_window_is_too_narrow_for_the_name_of_an_option(
    columns: str, name: str
) -> None:
    env = WIDE | {"COLUMNS": columns}
    shown = CliRunner().invoke(app, [name, "--help"], env=env).output
    wide = CliRunner().invoke(app, [name, "--help"], env=WIDE).output
    names = re.findall(r"--[a-z-]+\b", wide)
    assert names
    assert not [name for name in names if name not in shown]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_is_for(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"], env=WIDE).output
    _, said, *_ = [line.strip() for line in shown.splitlines() if line.strip()]
    assert re.match(r"[A-Z].*[.,a-z]$", said), said


def test_arguments_stand_in_capitals_as_in_the_usage_line() -> None:
    shown = CliRunner().invoke(app, ["run", "--help"], env=WIDE).output
    assert " run [OPTIONS] [QUESTION]" in shown
    (line,) = [line for line in shown.splitlines() if "--max-tokens" in line]
    assert " N " in line


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_names_that_other_programs_use_are_understood(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"], env=WIDE).output
    assert f" {OTHER_NAMES[name]} [OPTIONS]" in shown


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (["help"], "hermes-gguf [OPTIONS] COMMAND [ARGS]..."),
        (["help", "chat"], "hermes-gguf chat [OPTIONS] [MODEL]"),
        (["help", "download"], "hermes-gguf pull [OPTIONS] NAME"),
        (["help", "cache", "prune"], "hermes-gguf cache prune [OPTIONS]"),
        (["grammar", "--help"], "hermes-gguf grammar [OPTIONS] SOURCE [DOCUMENTS]..."),
    ],
)
def test_help_is_a_command_too(hermes: Run, words: list[str], usage: str) -> None:
    done = hermes(*words)
    assert f"Usage: {usage}" in " ".join(done.stdout.split())
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("words", "told", "next_step"),
    [
        (["chatt"], "No such command 'chatt'. Did you mean 'chat'?", "hermes-gguf"),
        (["help", "nope"], "No such command 'nope'.", "hermes-gguf"),
        (["cache", "cleer"], "Did you mean 'clear'?", "hermes-gguf cache"),
        (
            ["run", "--temprature", "1"],
            "Did you mean --temperature?",
            "hermes-gguf run",
        ),
        (["run", "--ctx", "x"], "Input should be a valid integer", "hermes-gguf run"),
        (["pull"], "Missing argument 'NAME'.", "hermes-gguf pull"),
        (["run", "--max-tokens"], "requires an argument", "hermes-gguf run"),
        (
            ["chat", "--attention", "x"],
            "not one of 'flash', 'plain'",
            "hermes-gguf chat",
        ),
    ],
)
def test_a_line_that_cannot_be_read_ends_as_every_error_does(
    hermes: Run, words: list[str], told: str, next_step: str
) -> None:
    done = hermes(*words)
    problem, following = done.stderr.splitlines()
    assert problem.startswith("Error: ")
    assert told in problem
    assert following == f"Next:  {next_step} --help"
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("name", ["tiny", "hermes-3-8b", "some/model.gguf"])
def test_a_model_in_the_place_of_a_command_is_meant_for_a_chat(
    hermes: Run, name: str
) -> None:
    assert hermes(name).stderr.endswith(f"Next:  hermes-gguf chat {name}\n")


def test_the_settings_say_what_their_numbers_mean(hermes: Run) -> None:
    lines = hermes("config").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(SETTING_NAMES)
    assert all(len(line) <= 80 for line in lines)
    assert "-1: all that fit" in lines[3]


def test_help_imports_no_engine_and_no_server() -> None:
    code = (
        "import sys\nfrom hermes_gguf.cli.app import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'llama_cpp', 'huggingface_hub', 'fastapi', 'jsonschema', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.stderr.strip() == "[]"
