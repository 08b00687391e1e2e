"""A chat at the terminal, turn by turn, above a scripted model."""

from __future__ import annotations

import io
import json
import os

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from rich.console import Console

from hermes_gguf.chat.conversation import Conversation
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.cli.approval import AskApproval
from hermes_gguf.cli.chat_session import ChatSession
from hermes_gguf.cli.prompting import open_history, slash_completer
from hermes_gguf.cli.render import render_call, render_usage, shorten
from hermes_gguf.cli.slash import SLASH_COMMANDS, LeaveChat, run_slash
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import ContextOverflowError
from hermes_gguf.events import Usage
from hermes_gguf.messages import ToolCall, UserMessage
from hermes_gguf.tools import PythonTool
from tests.support.full_disk import full_disk


def get_temperature(city: str) -> float:
    """Get the temperature of a city.

    Args:
        city: Its name.
    """
    return 22.0


CALL = (
    '<tool_call>\n{"name": "get_temperature", "arguments": {"city": "Oslo"}}\n'
    "</tool_call>"
)
TOOL = PythonTool.from_function(get_temperature)


def chat(*answers, tools=(), terminal=False, **options):
    engine = ScriptedEngine(answers, strict=True, **options)
    conversation = Conversation(ChatModel(engine), tools=tools)
    console = Console(file=io.StringIO(), width=80, force_terminal=terminal)
    session = ChatSession(conversation, console, ChatModel(engine).sampling)
    return session, engine


def shown(session) -> str:
    return session.console.file.getvalue()


def test_tools_are_listed_with_what_they_cost():
    session, _ = chat(tools=[TOOL])
    run_slash("/tools", session)
    n_tokens = session.conversation.tool_tokens()
    assert f"get_temperature  {n_tokens.each[0]} tokens  Get the t" in shown(session)
    assert f"Together {n_tokens.together} tokens of the prompt" in shown(session)


def test_on_a_pipe_the_answer_is_the_bare_text():
    session, _ = chat("# Hello\n\n*there*")
    session.stats = False
    session.say("Hi", approve=None)
    assert shown(session) == "# Hello\n\n*there*\n"


def test_on_a_terminal_markdown_is_rendered_and_the_cost_is_told():
    session, _ = chat("Some **bold** words.", terminal=True)
    session.say("Hi", approve=None)
    assert "**" not in shown(session)
    assert "Some" in shown(session)
    assert "tokens" in shown(session)


def test_a_call_is_shown_executed_and_answered_from():
    session, _ = chat(CALL, "It is 22.0 in Oslo.", tools=[TOOL])
    session.stats = False
    session.say("How warm is Oslo?", approve=lambda call, tool: True)
    assert shown(session).splitlines() == [
        '→ get_temperature(city="Oslo")',
        "← 22.0",
        "It is 22.0 in Oslo.",
    ]


@pytest.mark.parametrize(
    ("replies", "results"),
    [
        (["", "n"], ["ok", "denied"]),
        (["y", "no"], ["ok", "denied"]),
        (["maybe", "n", "Y"], ["denied", "ok"]),
        (["a"], ["ok", "ok"]),
        ([], ["denied", "denied"]),
    ],
)
def test_the_person_is_asked_before_each_call(replies, results):
    other = CALL.replace("Oslo", "Rome")
    session, _ = chat(CALL, other, "Done.", tools=[TOOL])
    waiting = iter(replies)

    def read(_: str) -> str:
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    asked: list[ToolCall] = []
    ran: list[ToolCall] = []
    approve = AskApproval(ask=asked.append, run=ran.append, read=read)
    session.say("Go", approve=approve)
    assert [step.status for step in session.conversation.last.trace] == results
    assert (len(asked), len(ran)) == ((1, 1) if replies == ["a"] else (2, 0))


def test_a_call_that_was_asked_about_is_not_shown_twice():
    session, _ = chat(CALL, "Done.", tools=[TOOL])

    def approve(call, tool):
        session.view.show_question(call)
        return True

    session.say("Go", approve=approve)
    assert shown(session).count("get_temperature(") == 1


def test_a_turn_that_does_not_fit_is_taken_back_and_the_chat_goes_on():
    session, _ = chat("ok", n_ctx=64)
    with pytest.raises(ContextOverflowError):
        session.say("word " * 500, approve=None)
    assert session.conversation.messages == []
    session.say("short", approve=None)
    assert "ok" in shown(session)


def test_ctrl_c_keeps_what_was_said(monkeypatch):
    session, _ = chat("one two three four five six", terminal=True)
    from hermes_gguf.cli.render import TurnView

    real_feed, fed = TurnView.feed, []

    def feed_then_interrupt(self, item):
        real_feed(self, item)
        fed.append(item)
        if len(fed) == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(TurnView, "feed", feed_then_interrupt)
    session.say("Count", approve=None)
    kept = session.conversation.messages[-1].content
    assert kept
    assert "one two three four five six".startswith(kept)
    assert "kept" in shown(session)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_cut_answer_says_so_but_not_in_what_a_pipe_gets(terminal, capsys):
    session, _ = chat("one two three four", terminal=terminal)
    session.max_tokens = 2
    session.say("Count", approve=None)
    assert ("cut" in shown(session)) is terminal
    assert ("cut" in capsys.readouterr().err) is not terminal


def test_slash_help_lists_every_command():
    session, _ = chat()
    run_slash("/help", session)
    assert all(f"/{name}" in shown(session) for name in SLASH_COMMANDS)
    assert "Nothing of this chat is kept on disk." in shown(session)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/nope", "/help"),
        ("/hlp", "Did you mean /help?"),
        ("/undo 3", "Error: /undo: takes nothing behind it"),
        ("/set temperature x", "'x' is no number"),
        ("/set nope 1", "max_tokens"),
        ("/set max_tokens -5", "at least 1"),
        ("/set temperature none", "'none' is no number"),
        (
            "/save /no/such/folder/c.json",
            "Error: /save: there is no folder /no/such/folder",
        ),
        ("/load /", "Is a directory"),
        ("/load /no/such.json", "Next:  /continue"),
        ("/forget all", "'all' is no number"),
        ("/set nope", "nope: unknown; there are temperature"),
        ("/system @/no/such.txt", "Error: /system: /no/such.txt: No such file"),
    ],
)
def test_a_wrong_slash_command_explains_itself_and_changes_nothing(line, told):
    session, _ = chat()
    before = session.options()
    assert run_slash(line, session) is None
    assert told in shown(session)
    assert session.options() == before


def test_slash_set_changes_how_the_next_turn_is_sampled():
    session, engine = chat("x")
    run_slash("/set temperature 0.1", session)
    run_slash("/set seed 7", session)
    run_slash("/set max_tokens 5", session)
    session.say("Hi", approve=None)
    request = engine.requests[0]
    assert (request.sampling.temperature, request.sampling.seed) == (0.1, 7)
    assert request.max_tokens == 5


def test_slash_set_takes_back_a_seed_and_a_limit():
    session, engine = chat("x")
    for line in ("seed 7", "seed none", "max_tokens 5", "max_tokens none"):
        run_slash(f"/set {line}", session)
    session.say("Hi", approve=None)
    assert engine.requests[0].sampling.seed is None
    assert engine.requests[0].max_tokens is None


def test_slash_system_takes_a_file_and_is_taken_back(tmp_path):
    (tmp_path / "s.txt").write_text("Be brief.\n")
    session, _ = chat()
    run_slash(f"/system @{tmp_path / 's.txt'}", session)
    assert session.conversation.system == "Be brief."
    run_slash("/system none", session)
    assert session.conversation.system is None


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/sa", ["/save"]),
        ("/", [f"/{name}" for name in SLASH_COMMANDS]),
        ("/load my", ["chat.json"]),
        ("/save my", ["chat.json"]),
        ("/forget my", []),
        ("load my", []),
        ("sa", []),
    ],
)
def test_the_tab_key_completes_commands_and_their_files(
    typed, offered, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mychat.json").touch()
    completer = slash_completer([f"/{name}" for name in SLASH_COMMANDS])
    found = completer.get_completions(Document(typed), CompleteEvent())
    assert [completion.text for completion in found] == offered


def test_slash_forget_drops_the_oldest_turns_with_their_calls():
    session, engine = chat(CALL, "22.0", "Two.", "Three.", "Four.", tools=[TOOL])
    for text in ("one", "two", "three"):
        session.say(text, approve=lambda call, tool: True)
    run_slash("/forget", session)
    assert "2 of 3 turns" in shown(session)
    session.say("four", approve=None)
    asked = engine.requests[-1].prompt.text
    assert [t for t in ("one", "two", "three", "four") if f"user\n{t}<" in asked] == [
        "three",
        "four",
    ]
    assert "<tool_response>" not in asked


def test_a_context_that_is_nearly_full_is_told():
    session, _ = chat("word " * 60, "word " * 60, n_ctx=200, terminal=True)
    session.n_ctx = 200
    session.say("Hi", approve=None)
    assert "full" not in shown(session)
    session.max_tokens = 30
    session.say("Hi", approve=None)
    assert "% full; /forget" in shown(session)


def test_what_a_turn_cost_fits_in_a_line():
    usage = Usage(
        prompt_tokens=8000,
        cached_tokens=7300,
        completion_tokens=1200,
        forced_tokens=800,
        prefill_s=20.0,
        decode_s=12.0,
    )
    assert len(render_usage(usage)) < 80


def test_slash_retry_says_the_last_turn_again_without_its_answer():
    session, engine = chat("first", "second")
    session.say("Hi", approve=None)
    again = run_slash("/retry", session)
    assert again == "Hi"
    session.say(again, approve=None)
    assert "first" not in engine.requests[1].prompt.text


def test_slash_save_and_load_bring_a_conversation_back(tmp_path):
    session, _ = chat("Hello!")
    session.say("Hi", approve=None)
    run_slash("/system Be brief.", session)
    run_slash(f"/save {tmp_path / 'c.json'}", session)
    assert json.loads((tmp_path / "c.json").read_text())["messages"][0] == {
        "role": "system",
        "content": "Be brief.",
    }
    other, _ = chat()
    run_slash(f"/load {tmp_path / 'c.json'}", other)
    assert other.conversation.messages == session.conversation.messages
    assert other.conversation.system == "Be brief."


def test_slash_save_overwrites_only_its_own_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("precious")
    (tmp_path / "conversation.json").write_text("an older chat")
    session, _ = chat("Hello!", "Bye!")
    session.say("Hi", approve=None)
    run_slash("/save notes.txt", session)
    assert (tmp_path / "notes.txt").read_text() == "precious"
    assert "there already" in shown(session)
    for _ in range(2):
        run_slash("/save", session)
    assert (tmp_path / "conversation.json").read_text() == "an older chat"
    assert sorted(path.name for path in tmp_path.glob("*.json")) == [
        "conversation-2.json",
        "conversation.json",
    ]


def test_a_file_that_cannot_be_loaded_leaves_the_conversation_alone(tmp_path):
    session, _ = chat()
    session.conversation.messages.append(UserMessage("precious"))
    (tmp_path / "bad.json").write_text("{nope")
    run_slash(f"/load {tmp_path / 'bad.json'}", session)
    run_slash(f"/load {tmp_path / 'absent.json'}", session)
    assert session.conversation.messages == [UserMessage("precious")]


@pytest.mark.parametrize("line", ["/exit", "/quit", "/bye"])
def test_slash_exit_leaves(line: str):
    session, _ = chat()
    with pytest.raises(LeaveChat):
        run_slash(line, session)


def test_a_call_reads_like_python():
    call = ToolCall("f", {"a": "é", "n": 1, "flag": True, "items": ["x"]})
    assert render_call(call) == 'f(a="é", n=1, flag=true, items=["x"])'


def test_a_long_result_is_shortened_with_a_count():
    assert shorten("x" * 500).endswith("(100 more characters)")


def test_a_history_that_cannot_be_kept_is_no_reason_not_to_chat(tmp_path):
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "file/history", tmp_path / "history", tmp_path / "pipe"):
        history = open_history(place)
        with full_disk():
            history.append_string("Hello")
        assert history.get_strings() == ["Hello"]
