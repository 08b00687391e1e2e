"""A chat in a real terminal: what keys do while the model answers or asks."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .pty_terminal import Terminal

CHAT = """
import sys
from pathlib import Path
from hermes_gguf.chat.conversation import Conversation
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.cli.chat_session import ChatSession
from hermes_gguf.cli.ending_signals import ends_by
from hermes_gguf.cli.kept_chats import ChatKeeper, chats_folder
from hermes_gguf.cli.screen import Screen
from hermes_gguf.cli.talk import talk
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.tools import load_tools

answers, delay_s, tools, n_ctx = eval(sys.argv[1])
model = ChatModel(ScriptedEngine(answers, delay_s=delay_s, n_ctx=n_ctx))
said = Conversation(model, tools=load_tools(tools) if tools else ())
session = ChatSession(said, Screen(), model.sampling, stats=False)
session.keeper = ChatKeeper(chats_folder(), most=3)
with ends_by("SIGTERM", "SIGHUP"):  # as `app` does
    talk(session, yes=False, history=chats_folder() / "../history")
"""
CALL = '<tool_call>\\n{"name": "greet", "arguments": {}}\\n</tool_call>'
TOOLS = '''
def greet() -> str:
    """Greet."""
    return "hi there " + input("your name? ")
'''


@pytest.fixture
def terminal(home, tmp_path: Path):
    (tmp_path / "tools.py").write_text(TOOLS)
    opened: list[Terminal] = []

    def start(
        answers: str, *, delay_s: float = 0.0, tools: bool = False, n_ctx: int = 4096
    ) -> Terminal:
        file = str(tmp_path / "tools.py") if tools else ""
        script = f"({answers}, {delay_s}, {file!r}, {n_ctx})"
        opened.append(Terminal(home, [sys.executable, "-c", CHAT, script]))
        opened[0].wait_for("›")
        return opened[0]

    yield start
    for one in opened:
        one.close()


def test_ctrl_c_leaves_one_copy_of_the_answer_and_no_mark(terminal):
    chat = terminal("['one two three four five six seven']", delay_s=0.3)
    chat.press("go\r")
    chat.wait_for("one two three")
    chat.press("\x03")
    after = chat.wait_for("(stopped; what was said is kept)")
    assert "^C" not in after
    chat.wait_for("›")


def test_an_impatient_second_ctrl_c_costs_neither_the_answer_nor_the_chat(
    terminal, tmp_path
):
    chat = terminal("['one two three four five six seven', 'fine']", delay_s=0.3)
    chat.press("go\r")
    chat.wait_for("one two")
    for _ in range(5):
        chat.press("\x03")
        time.sleep(0.01)
    chat.wait_for("(stopped; what was said is kept)")
    chat.wait_for("›")
    chat.press("and?\r")
    chat.wait_for("fine")
    chat.wait_for("›")
    [kept] = tmp_path.rglob("chats/*.json")
    said = [m["content"] for m in json.loads(kept.read_text())["messages"]]
    assert said[0::2] == ["go", "and?"]
    assert said[1].startswith("one two")


def test_keys_pressed_during_an_answer_show_up_in_the_next_turn(terminal):
    chat = terminal("['one two three four', 'yes']", delay_s=0.2)
    chat.press("go\r")
    chat.wait_for("one two")
    chat.press("later")
    assert "later" not in chat.wait_for("›")
    chat.wait_for("later")


def test_a_key_that_was_pressed_too_early_approves_nothing(terminal):
    chat = terminal(f"['{CALL}', 'bye']", delay_s=0.1, tools=True)
    chat.press("go\r")
    chat.wait_for("calling greet")
    chat.press("\r")
    chat.wait_for("run it?")
    time.sleep(0.3)
    chat.press("n\r")
    assert "hi there" not in chat.wait_for("denied")


def test_a_function_may_ask_and_what_is_typed_for_it_shows(terminal):
    chat = terminal(f"['{CALL}', 'one two three']", delay_s=0.2, tools=True)
    chat.press("go\r")
    chat.wait_for("run it?")
    chat.press("y\r")
    chat.wait_for("your name? ")
    chat.press("Ada\r")
    assert "Ada" in chat.wait_for("hi there Ada")
    chat.wait_for("one")
    chat.press("hidden")
    assert "hidden" not in chat.wait_for("›")


def test_the_history_of_a_chat_is_for_its_person_only(terminal, tmp_path):
    chat = terminal("['fine']")
    chat.press("how are you?\r")
    chat.wait_for("fine")
    [history] = tmp_path.rglob("history")
    assert "how are you?" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_a_line_with_a_slash_can_be_said_after_a_space(terminal):
    chat = terminal("['a file']")
    chat.press("/tmp/x what is it?\r")
    chat.wait_for("Begin with a space")
    chat.press(" /tmp/x what is it?\r")
    chat.wait_for("a file")


def test_a_space_before_a_slash_is_not_part_of_what_is_said_but_indentation_is(
    terminal, tmp_path
):
    chat = terminal("['a file', 'fine']")
    chat.press(" /tmp/x what is it?\r")
    chat.wait_for("a file")
    chat.press("    return x \r")
    chat.wait_for("fine")
    chat.wait_for("›")
    chat.press(f"/save {tmp_path}/c.json\r")
    chat.wait_for("saved to")
    saved = json.loads((tmp_path / "c.json").read_text())["messages"]
    said = [m["content"] for m in saved if m["role"] == "user"]
    assert said == ["/tmp/x what is it?", "    return x"]


def test_lines_of_a_pipe_keep_their_indentation(home):
    code = CHAT + "print([m.content for m in said.messages if m.role == 'user'])"
    done = subprocess.run(
        [sys.executable, "-c", code, "(['a', 'b'], 0.0, '', 4096)"],
        input="    return x \n  \n /save\n",
        env=home,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "['    return x', ' /save']", done.stderr


def test_a_turn_that_failed_is_put_back_into_the_line_unless_it_fills_the_screen(
    terminal,
):
    chat = terminal("[]")
    chat.press("short\r")
    chat.wait_for("no further answer")
    chat.wait_for("› short")
    chat.press("\x03")
    pasted = "\n".join(f"line {n}" for n in range(30))
    chat.press(f"\x1b[200~{pasted}\x1b[201~\r")
    chat.wait_for("no further answer")
    after = chat.wait_for("›")
    assert "The up key brings back what you said." in after
    assert "line" not in after


def test_after_a_full_context_the_line_is_free_for_the_command_that_makes_room(
    terminal,
):
    chat = terminal("['fine', 'fine']", n_ctx=64)
    chat.press("short\r")
    chat.wait_for("fine")
    chat.wait_for("›")
    chat.press("long " + "word " * 50 + "\r")
    chat.wait_for("/forget drops the oldest turns")
    chat.wait_for("The up key brings back what you said.")
    chat.wait_for("›")
    chat.press("/forget\r")
    chat.wait_for("1 of 1 turns forgotten")


def test_a_path_or_a_command_is_not_broken_where_the_window_ends(terminal, tmp_path):
    chat = terminal("['fine']")
    file = tmp_path / ("long name " * 12 + ".json")
    chat.press(f"/save {file}\r")
    chat.wait_for(f"\nsaved to {file}\r\n")
    chat.press(f"/load {file}\r")
    chat.wait_for(f"\n0 messages from {file}\r\n")
    chat.press(f"/load {file}.old\r")
    chat.wait_for(f"\nError: /load: {file}.old: No such file or directory\r\n")


def test_ctrl_c_before_an_answer_says_that_it_reads_and_gives_the_question_back(
    terminal,
):
    chat = terminal("['late', 'fine']", delay_s=2.0)
    chat.press("a long question\r")
    chat.wait_for("reading 0 of")
    chat.press("\x03")
    chat.wait_for("(stopped; nothing was answered yet)")
    chat.wait_for("› a long question")
    chat.press("?\r")
    chat.wait_for("fine")


def test_ctrl_c_at_the_line_drops_it_and_says_how_to_leave(terminal):
    chat = terminal("['fine']")
    chat.press("half a th\x03")
    chat.wait_for("Ctrl-D or /exit leaves.")
    chat.wait_for("›")
    chat.press("ought\r")
    assert "half" not in chat.wait_for("fine")


def test_on_a_pipe_to_a_file_the_line_stays_on_the_screen_and_answers_go_there(
    home, tmp_path
):
    log = tmp_path / "log"
    line = f'"$0" -c "$1" "$2" | cat > {log}'
    script = "(['fine'], 0.0, '', 4096)"
    chat = Terminal(home, ["sh", "-c", line, sys.executable, CHAT, script])
    chat.wait_for("›")
    chat.press("how are you?\r")
    chat.wait_for("› how are you?")
    chat.wait_for("›")
    chat.press("\x04")
    chat.wait_until_gone()
    chat.close()
    kept = "Kept: the same command with --continue goes on from here."
    assert log.read_text().split("\n") == ["fine", "", kept, ""]


def test_a_terminal_that_closes_in_the_middle_of_an_answer_costs_the_rest_of_it_only(
    terminal, tmp_path
):
    chat = terminal("['one two three four five six seven']", delay_s=0.3)
    chat.press("Count\r")
    chat.wait_for("one two three")
    chat.hang_up()
    [kept] = tmp_path.rglob("chats/*.json")
    question, answer = json.loads(kept.read_text())["messages"]
    assert question["content"] == "Count"
    assert answer["content"].startswith("one two three")
    assert "seven" not in answer["content"]
