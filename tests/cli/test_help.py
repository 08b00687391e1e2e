"""Help texts name what a person types, not the Python type that reads it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from hermes_gguf.cli.commands import COMMANDS, OTHER_NAMES
from hermes_gguf.cli.program import app
from hermes_gguf.cli.settings import SETTING_NAMES

from .conftest import Run

WIDE = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_flags_show_no_value_and_options_show_what_to_type(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], env=WIDE).output
    options = [line for line in shown.splitlines() if line.startswith("│ -")]
    assert options
    for line in options:
        for python_type in ("<bool>", "<int", "<str>", "<float>", "<path>", "<list["):
            assert python_type not in line


def test_arguments_stand_in_capitals_as_in_the_usage_line() -> None:
    shown = CliRunner().invoke(app, ["run", "--help"], env=WIDE).output
    assert " run [OPTIONS] [QUESTION]" in shown
    (line,) = [line for line in shown.splitlines() if "--max-tokens" in line]
    assert " N " in line


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_names_that_other_programs_use_are_understood(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"], env=WIDE).output
    assert f" {OTHER_NAMES[name]} [OPTIONS]" in shown


def test_the_settings_say_what_their_numbers_mean(hermes: Run) -> None:
    lines = hermes("config").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(SETTING_NAMES)
    assert all(len(line) <= 80 for line in lines)
    assert "-1: all that fit" in lines[3]
