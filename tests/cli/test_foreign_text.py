"""Texts from elsewhere give a terminal no orders; a pipe gets them as they are."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from hermes_gguf.cli.render import render_call
from hermes_gguf.cli.screen import Screen
from hermes_gguf.messages import ToolCall

from .pty_terminal import Terminal

#: Sets a title, clears the screen, turns letters around; and what rich would replace.
FOREIGN = "\x1b]0;owned\x07\x9b2J\u202e[red]:cat:[/]"
SPELLED = r"\x1b]0;owned\x07\x9b2J\u202e[red]:cat:[/]"
PROGRAM = [sys.executable, "-m", "hermes_gguf"]


@pytest.fixture
def foreign_model(tmp_path: Path) -> Path:
    import hermes_gguf

    path = tmp_path / f"{FOREIGN.replace('/', '_')}.gguf"
    path.symlink_to(Path(hermes_gguf.__file__).parent / "data/tiny.gguf")
    return path


def require_no_orders(terminal: Terminal) -> None:
    for order in ("\x1b]0", "\x07", "\x9b", "\u202e"):
        assert order not in terminal.orders
    assert "Traceback" not in terminal.seen


@pytest.mark.parametrize(
    "command",
    [
        [FOREIGN],
        ["chat", FOREIGN],
        ["chat", f"--{FOREIGN}"],
        ["pull", f"a/{FOREIGN}"],
        ["grammar", f"{FOREIGN}.json"],
        ["run", "--model", "tiny", "--tools", f"{FOREIGN}.py", "hi"],
        ["run", "--model", "tiny", "--schema", f"{FOREIGN}.json", "hi"],
        ["config", "ctx", FOREIGN],
    ],
)
def test_an_error_spells_what_it_quotes(home, command):
    terminal = Terminal(home, [*PROGRAM, *command], size=(24, 200))
    assert terminal.wait_until_gone() == 2
    assert SPELLED in terminal.seen
    require_no_orders(terminal)


def test_a_log_of_errors_gives_no_orders_either(hermes):
    done = hermes("--debug", "chat", f"/{FOREIGN}.gguf")
    assert done.returncode == 2
    assert done.stderr.startswith("Traceback")
    assert SPELLED in done.stderr
    assert FOREIGN not in done.stderr


def test_a_file_s_name_is_spelled_on_a_terminal_and_exact_on_a_pipe(
    home, hermes, foreign_model
):
    terminal = Terminal(home, [*PROGRAM, "path", str(foreign_model)], size=(24, 300))
    assert terminal.wait_until_gone() == 0
    require_no_orders(terminal)
    done = hermes("path", str(foreign_model))
    assert done.stdout == f"{foreign_model}\n"


def test_the_catalogue_of_somebody_else_is_only_read(home, tmp_path):
    path = tmp_path / "models.toml"
    title = json.dumps(FOREIGN)
    path.write_text(
        f'[models.x]\nrepo = "a/b"\ntitle = {title}\nlicence = {title}\n'
        f'files.Q4_K_M = {{ name = "x.gguf" }}\ndefault_quant = "Q4_K_M"\n'
        f'dialect = "chatml"\nprompt_style = "hermes-2-pro"\n'
    )
    shown = home | {"HERMES_GGUF_MODELS": str(path), "COLUMNS": "200"}
    terminal = Terminal(shown, [*PROGRAM, "models"], size=(60, 200))
    assert terminal.wait_until_gone() == 0
    assert SPELLED in terminal.seen
    require_no_orders(terminal)


def test_in_a_chat_names_tools_and_what_was_said_are_only_read(
    home, tmp_path, foreign_model
):
    tools = tmp_path / "tools.py"
    tools.write_text(f"def f() -> str:\n    {FOREIGN!r}\n    return {FOREIGN!r}\n")
    (tmp_path / "system").write_text(FOREIGN)
    command = ["chat", str(foreign_model), "--tools", str(tools), "--yes"]
    chat = Terminal(home, [*PROGRAM, *command], size=(50, 300))
    keys = ["/tools", f"/system @{tmp_path / 'system'}", "/continue", "/undo"]
    for line in keys:
        chat.wait_for("›")
        chat.press(f"{line}\r")
    chat.wait_for("›")
    chat.press("/exit\r")
    assert chat.wait_until_gone() == 0
    assert f"tokens  {SPELLED}" in chat.seen
    # rich leaves bells out of a text that is drawn in several styles.
    assert "system: " + SPELLED.replace(r"\x07", "") in chat.seen
    require_no_orders(chat)


def test_a_pipe_gets_no_colours_whatever_the_environment_says(hermes):
    asked = ("run", "--model", "tiny", "--temperature", "0", "Who are you?")
    plain = hermes(*asked)
    forced = {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "NO_COLOR": ""}
    coloured = hermes(*asked, env=forced)
    assert (coloured.returncode, coloured.stdout) == (0, plain.stdout)
    assert "\x1b" not in coloured.stderr


def test_a_screen_on_a_pipe_changes_nothing(capsys):
    Screen().print(FOREIGN.replace("\x07", ""), end="", soft_wrap=True)
    assert capsys.readouterr().out == FOREIGN.replace("\x07", "")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\u202eb", r"a\u202eb"),
        ("safe\u200b.example", r"safe\u200b.example"),
        ("\U000e0041", r"\udb40\udc41"),
        ("نامه\u200cها 👩\u200d🚀 é", "نامه\u200cها 👩\u200d🚀 é"),
        ("two  spaces", "two  spaces"),
        ("x" * 900, "x" * 900),
    ],
)
def test_a_call_that_is_asked_about_shows_all_that_it_says(value, shown):
    call = ToolCall("send", {"to": value})
    assert render_call(call, whole=True) == f'send(to="{shown}")'
