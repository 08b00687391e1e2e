"""Options by name: what each method takes, what it refuses, what stands for what."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from hermes_gguf import Hermes, LoadOptions, SamplingOptions, compile_schema
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.chat.named_options import (
    AnswerByName,
    ChatByName,
    ExtractByName,
    LoadByName,
    LoopByName,
    ModelByName,
    SamplingByName,
    names_of,
)
from hermes_gguf.chat.tool_loop import ToolLoop
from hermes_gguf.engine.llama import library
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import (
    GrammarSyntaxError,
    MessageError,
    OptionError,
    ToolDefinitionError,
    UnknownModelError,
)
from hermes_gguf.grammar.constraints import GrammarConstraint
from tests.support.tiny import tiny_model

YES_OR_NO = 'root ::= "yes" | "no"'


def keywords(function: Callable[..., Any]) -> frozenset[str]:
    parameters = inspect.signature(function).parameters.values()
    return frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


SAMPLING = frozenset(field.name for field in fields(SamplingOptions))
ANSWER = SAMPLING | keywords(ChatModel.stream) - {"tools"}
#: What an extraction is made of is its target, and only a value comes out.
MADE_OF = {"tool_choice", "parallel_tool_calls", "json_schema", "constraint"}
MADE_OF |= {"top_logprobs"}


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        (SamplingByName, SAMPLING),
        (AnswerByName, ANSWER),
        (ChatByName, ANSWER | keywords(ChatModel.complete)),
        (ExtractByName, ANSWER - MADE_OF),
        (LoopByName, ANSWER | keywords(ToolLoop)),
        (LoadByName, frozenset(field.name for field in fields(LoadOptions))),
        (ModelByName, keywords(ChatModel)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_listed_for_editors_is_what_is_taken(
    kind: type, taken: frozenset[str]
) -> None:
    assert names_of(kind) == taken


def scripted(*script: str, **options: Any) -> tuple[Hermes, ScriptedEngine]:
    engine = ScriptedEngine(script)
    return Hermes(ChatModel(engine, **options)), engine


def test_a_model_takes_load_options_and_sampling_by_name() -> None:
    tiny_model()
    options = LoadOptions(n_threads=1, n_ctx=64)
    with Hermes("tiny", options=options, n_ctx=512, temperature=0, top_k=3) as hermes:
        assert hermes.model.engine.info.n_ctx == 512
        assert (hermes.model.sampling.temperature, hermes.model.sampling.top_k) == (
            0,
            3,
        )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"model": None}, "model: must be a name or a path, not None"),
        ({"model": b"tiny"}, "model: must be a name or a path, not b'tiny'"),
        ({"options": {"n_ctx": 5}}, "options: must be LoadOptions, not"),
        ({"n_ctx": "8k"}, "n_ctx: must be a whole number"),
        ({"temperature": -1}, "temperature: must be in 0..100"),
        ({"sampling": {"temperature": 0}}, "sampling: must be SamplingOptions, not"),
        ({"on_unsupported": "chek"}, 'on_unsupported: must be "refuse" or "check"'),
        ({"date": "2024-03-05"}, "date: must be a date, not '2024-03-05'"),
        ({"default_system": 5}, "default_system: must be a text, not 5"),
        ({"lenient": "no"}, "lenient: must be True or False"),
    ],
    ids=str,
)
def test_what_a_model_cannot_be_loaded_with_is_refused_by_name(
    given: dict[str, Any], problem: str
) -> None:
    tiny_model()
    with pytest.raises(OptionError, match=problem):
        Hermes(**{"model": "tiny", **given})


def test_a_draft_model_is_found_by_its_name_too() -> None:
    tiny_model()
    with pytest.raises(UnknownModelError, match="hermes-9"):
        Hermes("tiny", draft_model="hermes-9")
    with Hermes("tiny", draft_model="tiny") as hermes:
        assert hermes.chat("Hi", max_tokens=2).usage.completion_tokens == 2


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("n_gpu_layers", "gpu_layers"),
        ("num_ctx", "n_ctx"),
        ("temprature", "temperature"),
        ("verbose", None),
    ],
)
def test_an_option_that_a_model_does_not_have_is_told_with_what_was_meant(
    name: str, meant: str | None
) -> None:
    expected = f"; did you mean '{meant}'\\?" if meant else ""
    with pytest.raises(
        TypeError, match=rf"^Hermes\(\) has no option '{name}'{expected}$"
    ):
        Hermes("tiny", **{name: 1})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [{"n_ctx": 512}, {"options": LoadOptions()}, {"temperature": 0}, {"style": "x"}],
    ids=str,
)
def test_a_model_that_is_loaded_takes_no_options_that_would_do_nothing(
    more: dict[str, Any],
) -> None:
    with pytest.raises(OptionError, match="loaded already"):
        Hermes(ChatModel(ScriptedEngine([])), **more)


@pytest.mark.parametrize(
    ("other", "ours"), [("response_format", "json_schema"), ("grammar", "constraint")]
)
def test_what_others_call_an_option_is_told_with_our_name(
    other: str, ours: str
) -> None:
    hermes, _ = scripted()
    with pytest.raises(TypeError, match=f"no option '{other}'; did you mean '{ours}'"):
        hermes.chat("Hi", **{other: {}})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["tools", "json_schema", "constraint", "tool_choice"])
def test_an_extraction_is_made_of_its_target_alone(name: str) -> None:
    hermes, _ = scripted()
    with pytest.raises(TypeError, match=rf"Hermes.extract\(\) has no option '{name}'"):
        hermes.extract(int, "5", **{name: None})  # type: ignore[call-overload]


def test_the_tools_of_a_conversation_are_not_those_of_a_turn() -> None:
    hermes, _ = scripted()
    with pytest.raises(TypeError, match=r"Conversation.ask\(\) has no option 'tools'"):
        hermes.conversation().say("Hi", tools=[])  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("constrain", None, "constrain: must be True or False"),
        ("thinking", "yes", "thinking: must be True or False, not 'yes'"),
        ("parallel_tool_calls", None, "parallel_tool_calls: must be True or False"),
        ("priority", "high", "priority: must be a whole number"),
        ("sampling", {"top_k": 3}, "sampling: must be SamplingOptions"),
        ("max_retries", -1, "max_retries: must be a whole number, at least 0"),
        ("stop", b"end", "stop: must be texts, not b'end'"),
        ("stop", "", "stop: an empty text would stop at once"),
        ("constraint", 5, "constraint: 5 is no grammar"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(
    name: str, value: Any, problem: str
) -> None:
    hermes, engine = scripted()
    with pytest.raises(OptionError, match=problem):
        hermes.chat("Hi", **{name: value})
    assert not engine.requests


@pytest.mark.parametrize("retries", [-1, 1.5, None])
def test_no_number_of_attempts_is_no_number_of_attempts(retries: Any) -> None:
    hermes, _ = scripted()
    with pytest.raises(OptionError, match="max_retries: must be a whole number"):
        hermes.extract(int, "5", max_retries=retries)


def test_bytes_are_no_messages_and_a_number_is_no_list_of_tools() -> None:
    hermes, _ = scripted()
    with pytest.raises(MessageError, match=r"messages\[0\]: \"b'Hi'\" is no message"):
        hermes.chat(b"Hi")  # type: ignore[arg-type]
    with pytest.raises(ToolDefinitionError, match="'5': tools must be a list"):
        hermes.chat("Hi", tools=5)  # type: ignore[arg-type]
    with pytest.raises(MessageError, match=r"messages\[0\]: its content is no text"):
        hermes.conversation(system=5).say("Hi")  # type: ignore[arg-type]


def test_a_bias_may_be_a_dictionary() -> None:
    hermes, engine = scripted("Yes.")
    hermes.chat("Hi", logit_bias={5: -100, 7: 1.5})
    assert engine.requests[0].sampling.logit_bias == ((5, -100), (7, 1.5))


@pytest.mark.parametrize(
    "grammar",
    [
        YES_OR_NO,
        compile_schema({"enum": ["yes", "no"]}),
        GrammarConstraint.from_gbnf(YES_OR_NO),
    ],
    ids=["GBNF", "a compiled schema", "a constraint"],
)
def test_a_grammar_of_the_callers_own_holds_the_answer(grammar: Any) -> None:
    tiny_model()
    with Hermes("tiny", n_ctx=256) as hermes:
        text = hermes.chat("Is it late?", constraint=grammar).text
    assert text.strip('"') in ("yes", "no")


def test_a_grammar_that_is_none_is_told_with_its_place() -> None:
    hermes, _ = scripted()
    with pytest.raises(GrammarSyntaxError) as caught:
        hermes.chat("Hi", constraint='root ::= "yes')
    assert caught.value.line == 1


def test_a_date_for_the_prompt_is_a_date() -> None:
    hermes, engine = scripted("Yes.", style="hermes-4", date=datetime.date(2024, 3, 5))
    assert hermes.chat("Hi").text == "Yes."


def test_the_cache_may_be_a_text(tmp_path: Path) -> None:
    tiny_model()
    with Hermes("tiny", cache_dir=str(tmp_path)) as hermes:
        assert repr(hermes) == "<Hermes tiny>"


def test_what_a_person_should_know_is_logged_where_nobody_else_hears_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_model()
    monkeypatch.setattr(library, "gpu_devices", list)
    heard: list[str] = []
    Hermes("tiny", gpu_layers=1, on_warning=heard.append).close()
    assert not caplog.records
    Hermes("tiny", gpu_layers=1).close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.messages == heard
