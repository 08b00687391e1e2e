"""A chat at a terminal is found again, however it ended; on wish, nothing is kept."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from hermes_gguf.chat.conversation import Conversation
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.cli.chat_session import ChatSession
from hermes_gguf.cli.kept_chats import ChatKeeper
from hermes_gguf.cli.slash import run_slash
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.files import written_at_ns
from hermes_gguf.messages import UserMessage
from tests.support.full_disk import full_disk

from .pty_terminal import Terminal


def chat(folder: Path, *answers: str, most: int = 3) -> ChatSession:
    model = ChatModel(ScriptedEngine(answers))
    console = Console(file=io.StringIO(), width=80)
    session = ChatSession(Conversation(model), console, model.sampling, stats=False)
    session.keeper = ChatKeeper(folder, most=most)
    return session


def say(session: ChatSession, text: str) -> None:
    session.say(text, approve=None)
    session.keep()


def shown(session: ChatSession) -> str:
    return session.console.file.getvalue()


def kept(folder: Path) -> list[list[str]]:
    """What was said in each kept chat, the oldest first."""
    files = sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime_ns)
    messages = [json.loads(path.read_text())["messages"] for path in files]
    return [[m["content"] for m in chat if m["role"] == "user"] for chat in messages]


def test_every_turn_is_kept_for_its_person_only(tmp_path):
    session = chat(tmp_path / "chats", "Hello!", "Bye!")
    say(session, "Hi")
    assert kept(tmp_path / "chats") == [["Hi"]]
    say(session, "See you")
    assert kept(tmp_path / "chats") == [["Hi", "See you"]]
    [file] = (tmp_path / "chats").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_newest_chats_stay(tmp_path):
    for n in range(5):
        say(chat(tmp_path, "ok"), f"chat {n}")
    assert kept(tmp_path) == [["chat 2"], ["chat 3"], ["chat 4"]]


def test_what_a_person_named_stays_and_so_does_the_chat_of_now(tmp_path):
    (tmp_path / "recipes.json").write_text("[]")
    os.utime(tmp_path / "recipes.json", (1, 1))
    for n in range(3):
        say(chat(tmp_path, "ok"), f"chat {n}")
    for path in tmp_path.glob("2*.json"):  # a clock that was ahead
        os.utime(path, (path.stat().st_mtime + 3600,) * 2)
    say(chat(tmp_path, "ok"), "now")
    (tmp_path / "recipes.json").unlink()
    assert kept(tmp_path) == [["chat 1"], ["chat 2"], ["now"]]


def test_the_order_of_chats_is_that_of_their_turns_whatever_the_clock_says(tmp_path):
    tomorrow = time.time() + 86_400
    for n in range(3):
        say(chat(tmp_path, "ok"), f"tomorrow {n}")
    for n, path in enumerate(sorted(tmp_path.iterdir(), key=written_at_ns)):
        os.utime(path, (tomorrow + n,) * 2)
    earlier = chat(tmp_path, "ok", "ok")
    say(earlier, "now")
    say(chat(tmp_path, "ok"), "later")
    assert kept(tmp_path) == [["tomorrow 2"], ["now"], ["later"]]
    say(earlier, "again")
    assert [c.title for c in earlier.kept_chats()] == ["later", "tomorrow 2"]
    assert kept(tmp_path) == [["tomorrow 2"], ["later"], ["now", "again"]]


def test_without_room_for_a_chat_none_is_written_and_none_removed(tmp_path):
    say(chat(tmp_path, "ok"), "before")
    say(chat(tmp_path, "ok", most=0), "secret")
    assert kept(tmp_path) == [["before"]]


def test_what_was_taken_back_is_not_kept(tmp_path):
    session = chat(tmp_path, "ok", "ok")
    say(session, "one")
    say(session, "two")
    run_slash("/undo", session)
    session.keep()
    assert kept(tmp_path) == [["one"]]
    run_slash("/undo", session)
    session.keep()
    assert kept(tmp_path) == []


@pytest.mark.parametrize("command", ["/clear", "/forget 1"])
def test_what_makes_room_takes_nothing_from_what_is_kept(tmp_path, command):
    session = chat(tmp_path, "ok", "ok", "ok")
    say(session, "one")
    say(session, "two")
    run_slash(command, session)
    say(session, "three")
    assert kept(tmp_path)[0] == ["one", "two"]
    assert kept(tmp_path)[1][-1] == "three"


def test_an_earlier_chat_is_listed_and_gone_on_with(tmp_path):
    say(chat(tmp_path, "Oslo is in Norway."), "Where is\nOslo?")
    session = chat(tmp_path, "ok", "In the south.")
    say(session, "something else")
    run_slash("/help", session)
    assert f"chats are kept in {tmp_path}\n" in shown(session)
    run_slash("/continue", session)
    assert "1  now  1 turn  Where is Oslo?" in shown(session)
    run_slash("/continue 1", session)
    assert "Oslo is in Norway." in shown(session)
    say(session, "Where there?")
    assert kept(tmp_path) == [["something else"], ["Where is\nOslo?", "Where there?"]]


@pytest.mark.parametrize("number", ["0", "2", "x", "-1"])
def test_a_chat_that_is_not_kept_cannot_be_gone_on_with(tmp_path, number):
    say(chat(tmp_path, "ok"), "earlier")
    session = chat(tmp_path, "ok")
    run_slash(f"/continue {number}", session)
    assert "is no number from 1 to 1\nNext:  /continue" in shown(session)
    assert session.conversation.messages == []


def test_two_terminals_that_go_on_with_one_chat_lose_nothing(tmp_path):
    say(chat(tmp_path, "ok"), "begun")
    both = [chat(tmp_path, "ok", "ok") for _ in range(2)]
    for session in both:
        run_slash("/continue 1", session)
    for n, session in enumerate(both):
        time.sleep(0.02)  # file systems tell times of writing apart by a few ms
        say(session, f"terminal {n}")
    assert kept(tmp_path) == [["begun", "terminal 0"], ["begun", "terminal 1"]]


def test_a_disk_that_refuses_is_told_once_and_costs_no_turn(tmp_path, capsys):
    session = chat(tmp_path, "ok", "ok", "ok")
    with full_disk():
        say(session, "one")
        say(session, "two")
    assert capsys.readouterr().err.count("(this chat is not kept: ") == 1
    say(session, "three")
    assert kept(tmp_path) == [["one", "two", "three"]]


def test_files_that_hold_no_chat_are_left_out_and_left_alone(tmp_path):
    say(chat(tmp_path, "ok"), "a chat")
    (tmp_path / "notes.json").write_text("[" * 100_000)
    (tmp_path / "list.json").write_text("{}")
    [found] = chat(tmp_path).kept_chats()
    assert found.title == "a chat"
    assert (tmp_path / "notes.json").exists()


def test_a_conversation_that_is_gone_on_with_from_a_file_is_kept_apart(tmp_path):
    say(chat(tmp_path / "chats", "ok"), "mine")
    other = chat(tmp_path / "chats", "ok", "ok")
    other.conversation.messages.append(UserMessage("theirs"))
    [file] = (tmp_path / "chats").iterdir()
    copy = tmp_path / "c.json"
    copy.write_bytes(file.read_bytes())
    run_slash(f"/load {copy}", other)
    say(other, "more")
    assert kept(tmp_path / "chats") == [["mine"], ["mine", "more"]]
    assert copy.read_bytes() == file.read_bytes()


def test_without_a_kept_chat_continue_says_so_before_a_model_loads(hermes):
    done = hermes("chat", "-m", "README.md", "--continue")
    assert done.returncode == 2
    assert "--continue: no chat is kept in " in done.stderr


class TestInATerminal:
    """The whole program, on the embedded model."""

    @pytest.fixture
    def start(self, home):
        opened: list[Terminal] = []

        def start(*options: str) -> Terminal:
            command = [sys.executable, "-m", "hermes_gguf", "chat", "tiny", *options]
            opened.append(Terminal(home, command))
            opened[-1].wait_for("Ctrl-D leaves")
            opened[-1].wait_for("›")
            return opened[-1]

        yield start
        for one in opened:
            one.close()

    def test_ctrl_d_says_how_to_go_on_and_a_system_text_of_now_counts(self, start):
        first = start("--system", "Old.", "--temperature", "0")
        first.press("Hello\r")
        first.wait_for("tokens")
        first.wait_for("›")
        first.press("\x04")
        first.wait_for("Kept: the same command with --continue goes on from here.")
        again = start("--continue", "--system", "New.")
        assert "Going on after 1 turn:" in again.seen
        assert "› Hello" in again.seen
        again.press("/system\r")
        again.wait_for("system: New.")

    def test_a_private_chat_keeps_nothing(self, start, tmp_path):
        chat = start("--private")
        chat.press("Hello\r")
        chat.wait_for("tokens")
        chat.wait_for("›")
        chat.press("\x04")
        chat.wait_until_gone()
        assert "Kept" not in chat.seen
        assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ('{"version": 2, "messages": []}', "has version 2"),
        ('{"messages": [{"role": "us', "is not JSON"),
        ("", "is not JSON"),
        ('{"messages": [{"role": "user", "content": 5}]}', "content must be"),
    ],
)
def test_continue_does_not_take_another_chat_than_the_last(hermes, home, written, why):
    folder = Path(home["HOME"], ".local/state/hermes-gguf/chats")
    say(chat(folder, "ok"), "an older chat")
    last = folder / "2026-01-02-030405-abcd.json"
    last.write_text(written)
    os.utime(last, (time.time() + 60,) * 2)
    done = hermes("chat", "-m", "README.md", "--continue")
    assert done.returncode == 2
    assert f"--continue: {last}" in done.stderr
    assert why in done.stderr
    assert "\nNext:  " in done.stderr
    assert last.read_text() == written
