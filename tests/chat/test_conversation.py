"""Conversations: memory, interruption, undo, save and load."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hermes_gguf.chat.conversation import Conversation
from hermes_gguf.chat.convert import message_from_openai, message_to_openai
from hermes_gguf.chat.execute import ToolStep
from hermes_gguf.chat.hermes import Hermes, to_messages
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import (
    GenerationError,
    MessageError,
    NotDownloadedError,
    OptionError,
)
from hermes_gguf.events import TextDelta
from hermes_gguf.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from tests.support.full_disk import full_disk


def talk(*script: Any, **options: Any) -> tuple[Conversation, ScriptedEngine]:
    engine = ScriptedEngine(script)
    return Hermes(ChatModel(engine)).conversation(**options), engine


def test_each_turn_sees_the_turns_before_it() -> None:
    chat, engine = talk("Hello Ada.", "Ada.", system="Be kind.")
    assert chat.say("I am Ada.").answer == "Hello Ada."
    chat.say("Who am I?")
    assert engine.prompts[1] == (
        "<|im_start|>system\nBe kind.<|im_end|>\n"
        "<|im_start|>user\nI am Ada.<|im_end|>\n"
        "<|im_start|>assistant\nHello Ada.<|im_end|>\n"
        "<|im_start|>user\nWho am I?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_turn_takes_sampling_options_by_name_over_the_conversations_own() -> None:
    chat, engine = talk("One.", "Two.", temperature=0.5)
    chat.say("a", top_k=1)
    chat.say("b", temperature=0)
    used = [request.sampling for request in engine.requests]
    assert [(s.temperature, s.top_k) for s in used] == [(0.5, 1), (0, 40)]


@pytest.mark.parametrize("said", [None, {"role": "user", "content": "Hi"}])
def test_what_is_no_text_is_refused_and_not_remembered(said: Any) -> None:
    chat, _ = talk("Hello.")
    with pytest.raises(
        MessageError, match=f"must be a text, not {type(said).__name__}"
    ):
        chat.say(said)
    assert chat.messages == []


def test_an_interrupted_answer_stays_in_the_history() -> None:
    chat, _ = talk("one two three four", "Sure.")
    items = chat.ask("Count")
    for item in items:
        if item == TextDelta(" two"):
            break
    items.close()
    assert chat.messages == [UserMessage("Count"), AssistantMessage("one two")]
    assert chat.say("Go on").answer == "Sure."


def test_a_question_without_any_answer_is_taken_back_and_kept_aside() -> None:
    chat, _ = talk(GenerationError("no"), "Yes.")
    with pytest.raises(GenerationError):
        chat.say("Well?")
    assert chat.messages == []
    assert chat.unanswered == "Well?"
    assert chat.say("Well?").answer == "Yes."


def test_a_full_disk_leaves_the_conversation_that_was_saved(tmp_path: Path) -> None:
    (chat, _), path = talk("Hi!", "Fine."), tmp_path / "talk.json"
    chat.say("Hello")
    chat.save(path)
    saved = path.read_bytes()
    chat.say("How are you?")
    with full_disk(after_bytes=50), pytest.raises(OSError, match=r"talk\.json"):
        chat.save(path)
    assert path.read_bytes() == saved
    assert list(tmp_path.iterdir()) == [path]


def test_undo_takes_the_latest_turn_back() -> None:
    chat, _ = talk("a", "b")
    chat.say("first")
    chat.say("second")
    assert chat.undo() == "second"
    assert chat.messages == [UserMessage("first"), AssistantMessage("a")]
    assert chat.undo() == "first"
    assert chat.undo() is None


def test_a_saved_conversation_goes_on_as_if_nothing_had_happened(
    tmp_path: Path,
) -> None:
    history: list[Message] = [
        UserMessage("Wetter in Zürich?"),
        AssistantMessage("", (ToolCall("f", {"city": "Zürich"}, "c1"),), "hm"),
        ToolMessage("22", "f", "c1"),
        AssistantMessage("22 Grad."),
    ]
    chat, engine = talk("x", system="Kurz.", messages=history)
    chat.save(tmp_path / "talk.json")
    other, other_engine = talk("x")
    other.load(tmp_path / "talk.json")
    assert other.messages == history
    chat.say("Danke")
    other.say("Danke")
    assert other_engine.prompts == engine.prompts
    assert [path.name for path in tmp_path.iterdir()] == ["talk.json"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("no json", OptionError),
        ("{}", OptionError),
        ('[{"role": "king", "content": "x"}]', MessageError),
        ('[{"role": "user", "content": "x"}]', MessageError),
        ("[" * 100_000, OptionError),
        ('{"version": 2, "messages": []}', OptionError),
    ],
)
def test_a_broken_file_changes_nothing(
    tmp_path: Path, content: str, error: type[Exception]
) -> None:
    path = tmp_path / "talk.json"
    path.write_text(content)
    chat, _ = talk(messages=[{"role": "user", "content": "a"}, AssistantMessage("b")])
    before = list(chat.messages)
    with pytest.raises(error):
        chat.load(path)
    assert chat.messages == before


def test_half_a_surrogate_pair_is_saved_as_it_was_said(tmp_path: Path) -> None:
    history: list[Message] = [UserMessage("\ud83d, é"), AssistantMessage("\udc00")]
    chat, _ = talk(messages=history)
    chat.save(tmp_path / "talk.json")
    again, _ = talk()
    again.load(tmp_path / "talk.json")
    assert again.messages == history


def test_a_turn_that_ended_in_what_the_program_says_itself_can_be_gone_on_with(
    tmp_path: Path,
) -> None:
    def shout(text: str) -> str:
        """Shout.

        Args:
            text: What.
        """
        return text.upper()

    chat, _ = talk("<tool_call>\n{nope\n</tool_call>", "ok", tools=[shout])
    items = chat.ask("Shout", constrain=False)
    while not isinstance(next(items), ToolStep):
        pass
    items.close()
    chat.save(tmp_path / "talk.json")
    again, _ = talk("Yes?")
    again.load(tmp_path / "talk.json")
    assert again.messages == chat.messages
    assert again.say("Hello?").text == "Yes?"


OPENAI: list[tuple[dict[str, Any], Message]] = [
    ({"role": "system", "content": "s"}, SystemMessage("s")),
    ({"role": "developer", "content": "s"}, SystemMessage("s")),
    (
        {"role": "user", "content": [{"type": "text", "text": "a"}, "b"]},
        UserMessage("ab"),
    ),
    (
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "f", "arguments": '{"a": 1}'},
                }
            ],
        },
        AssistantMessage("", (ToolCall("f", {"a": 1}, "c1"),)),
    ),
    (
        {"role": "tool", "tool_call_id": "c1", "content": "22"},
        ToolMessage("22", None, "c1"),
    ),
]


@pytest.mark.parametrize(("wire", "message"), OPENAI)
def test_openai_dictionaries_become_messages_and_back(
    wire: dict[str, Any], message: Message
) -> None:
    assert message_from_openai(wire) == message
    assert message_from_openai(message_to_openai(message)) == message


@pytest.mark.parametrize(
    "wire",
    [
        {},
        {"role": "king", "content": ""},
        {"role": "user", "content": 5},
        {"role": "user", "content": [{"type": "image_url", "image_url": {}}]},
        {"role": "assistant", "tool_calls": [{}]},
        {"role": "assistant", "tool_calls": 5},
        {
            "role": "assistant",
            "tool_calls": [{"function": {"name": "f", "arguments": 5}}],
        },
        {"role": "tool", "content": "x", "tool_call_id": 5},
        "hello",
    ],
)
def test_a_malformed_message_is_named_by_its_index(wire: Any) -> None:
    with pytest.raises(MessageError) as caught:
        message_from_openai(wire, index=3)
    assert caught.value.index == 3


def test_questions_dictionaries_and_messages_can_be_mixed() -> None:
    mixed = to_messages([{"role": "user", "content": "a"}, AssistantMessage("b")])
    assert mixed == [UserMessage("a"), AssistantMessage("b")]
    assert json.dumps([message_to_openai(message) for message in mixed])


def test_a_model_that_is_not_here_is_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(NotDownloadedError) as caught:
        Hermes("hermes-3-llama-3.1-8b", cache_dir=tmp_path)
    assert "hermes-gguf pull" in str(caught.value.hint)


@pytest.mark.parametrize(
    "branched",
    [Conversation.branch, copy.copy, copy.deepcopy],
    ids=lambda f: f.__name__,
)
def test_a_branch_goes_on_by_itself(branched: Any) -> None:
    engine = ScriptedEngine(["Hello.", "Left.", "Right."])
    trunk = Conversation(ChatModel(engine), system="Be brief.", temperature=0)
    trunk.say("Hi")
    branch = branched(trunk)
    trunk.say("Go left")
    branch.say("Go right")
    assert [m.content for m in trunk.messages] == ["Hi", "Hello.", "Go left", "Left."]
    assert [m.content for m in branch.messages] == [
        "Hi",
        "Hello.",
        "Go right",
        "Right.",
    ]
    assert branch.system == "Be brief."
    assert engine.requests[2].sampling.temperature == 0
    assert repr(branch) == "<Conversation of 4 messages>"


@pytest.mark.parametrize("n_turns", [-1, 1.5, "2", None])
def test_no_number_of_turns_is_forgotten_for_what_is_no_count(n_turns: Any) -> None:
    talk = Conversation(ChatModel(ScriptedEngine(["Hello."])))
    talk.say("Hi")
    with pytest.raises(
        OptionError, match="n_turns: must be a whole number, at least 0"
    ):
        talk.forget(n_turns)
    assert len(talk.messages) == 2


def test_a_conversation_goes_on_from_its_own_plain_data() -> None:
    first = Conversation(ChatModel(ScriptedEngine(["Hello."])), system="Be brief.")
    first.say("Hi")
    with Hermes(ChatModel(ScriptedEngine([]))) as hermes:
        second = hermes.conversation(messages=first.to_json()["messages"])
    assert (second.system, second.messages) == (first.system, first.messages)
