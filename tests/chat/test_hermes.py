"""Hermes with real engines: the embedded model, and one with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from hermes_gguf import Hermes, LoadOptions, SamplingOptions, tool
from hermes_gguf.chat.conversation import Conversation
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.chat.tool_loop import run_tools
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import (
    EngineError,
    MessageError,
    ModelLoadError,
    OptionError,
    ToolDefinitionError,
    UnknownModelError,
)
from hermes_gguf.messages import UserMessage
from tests.support.random_gguf import write_random_gguf
from tests.support.tiny import tiny_model

GREEDY = SamplingOptions(temperature=0)


@tool
def get_current_temperature(location: str, unit: str) -> float:
    """Get the current temperature at a location.

    Args:
        location: The location to get the temperature for, in the format "City, Country"
        unit: The unit of the temperature. (choices: ["celsius", "fahrenheit"])

    Returns:
        The current temperature at the specified location in the specified units, as a
        float.
    """
    return 22.0


@tool
def get_current_wind_speed(location: str) -> float:
    """Get the current wind speed in km/h at a given location.

    Args:
        location: The location to get the temperature for, in the format "City, Country"

    Returns:
        The current wind speed at the given location in km/h, as a float.
    """
    return 6.0


class Answer(BaseModel):
    n: int


#: Every method that asks the model, with the options that it is given.
METHODS: dict[str, Any] = {
    "chat": lambda h, **o: h.chat("Hi", **o),
    "stream": lambda h, **o: list(h.stream("Hi", **o)),
    "call_tools": lambda h, **o: h.call_tools(
        "Hi", tools=[get_current_temperature], **o
    ),
    "extract": lambda h, **o: h.extract(Answer, "Hi", **o),
    "conversation": lambda h, **o: h.conversation(**o).say("Hi"),
}


@pytest.mark.parametrize("ask", METHODS.values(), ids=METHODS)
def test_every_method_takes_sampling_options_by_name(ask: Any) -> None:
    engine = ScriptedEngine(['{"n": 1}'])
    model = ChatModel(engine, sampling=SamplingOptions(top_k=7))
    ask(Hermes(model), temperature=0, seed=3)
    assert engine.requests[0].sampling == SamplingOptions(
        temperature=0, seed=3, top_k=7
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_misspelled_option_is_told_with_what_was_meant(method: str) -> None:
    said = rf"Hermes\.{method}\(\) has no option 'temprature'; .* 'temperature'"
    with Hermes(ChatModel(ScriptedEngine([]))) as hermes:
        with pytest.raises(TypeError, match=said):
            METHODS[method](hermes, temprature=0)


#: The same below the friendly front.
BELOW: dict[str, Any] = {
    "Conversation": lambda model, **o: Conversation(model, **o).say("Hi"),
    "Conversation.ask": lambda model, **o: Conversation(model).say("Hi", **o),
    "ToolLoop": lambda model, **o: run_tools(model, [UserMessage("Hi")], [], **o),
}


@pytest.mark.parametrize("place", BELOW)
def test_options_by_name_mean_the_same_below(place: str) -> None:
    engine = ScriptedEngine(["Hello"])
    model = ChatModel(engine, sampling=SamplingOptions(top_k=7))
    BELOW[place](model, temperature=0, max_tokens=5)
    sampling = engine.requests[0].sampling
    assert (sampling.temperature, sampling.top_k) == (0, 7)
    assert engine.requests[0].max_tokens == 5
    with pytest.raises(TypeError, match=rf"^{place}\(\) has no option .*'max_depth'"):
        BELOW[place](model, max_deph=2)


@pytest.mark.parametrize(
    "said", [UserMessage("Hi"), {"role": "user", "content": "Hi"}], ids=type
)
def test_one_message_is_a_conversation(said: Any) -> None:
    with Hermes(ChatModel(ScriptedEngine(["Yes."]))) as hermes:
        assert hermes.chat(said).text == "Yes."
        assert "Hi" in hermes.model.engine.requests[0].prompt.text


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (None, r"messages\[0\]: 'None' is no message"),
        (5, r"messages\[0\]: '5' is no message"),
        ([UserMessage("Hi"), "there"], r"messages\[1\]: 'there' is no message"),
    ],
)
def test_what_is_no_message_is_named(said: Any, problem: str) -> None:
    with Hermes(ChatModel(ScriptedEngine([]))) as hermes:
        with pytest.raises(MessageError, match=problem):
            hermes.chat(said)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("stop", 5),
        ("json_schema", BaseModel),
        ("json_schema", '{"type": "object"}'),
        ("tool_choice", {"type": "function"}),
    ],
)
def test_an_option_of_the_wrong_type_is_named(option: str, value: Any) -> None:
    with Hermes(ChatModel(ScriptedEngine([]))) as hermes:
        with pytest.raises(OptionError, match=f"^{option}: "):
            hermes.chat("Hi", **{option: value})


def test_none_is_no_tools_and_no_stop_texts() -> None:
    with Hermes(ChatModel(ScriptedEngine(["Yes."]))) as hermes:
        assert hermes.chat("Hi", tools=None, stop=None).text == "Yes."


def test_one_tool_in_place_of_a_list_is_refused_with_what_to_type() -> None:
    @tool
    def look() -> str:
        """Look."""
        return "x"

    described = {"type": "function", "function": {"name": "look"}}
    with Hermes(ChatModel(ScriptedEngine([]))) as hermes:
        for one in (look, look.function, look.tool, described, "look"):
            with pytest.raises(ToolDefinitionError, match="list of tools") as caught:
                hermes.chat("Hi", tools=one)
            assert caught.value.hint == "tools=[...]"


def test_a_method_without_its_object_is_refused_before_the_model_is_asked() -> None:
    class Office:
        def __init__(self, city: str) -> None:
            self.city = city

        def where(self) -> str:
            """Where is the office?"""
            return self.city

    call = '<tool_call>\n{"name": "where", "arguments": {}}\n</tool_call>'
    with Hermes(ChatModel(ScriptedEngine([call, "In Oslo."]))) as hermes:
        with pytest.raises(ToolDefinitionError, match="without its object") as caught:
            hermes.call_tools("Where?", tools=[Office.where])
        assert caught.value.hint == "make one and give its method: tools=[thing.where]"
        run = hermes.call_tools("Where?", tools=[Office("Oslo").where])
        assert [step.value for step in run.trace] == ["Oslo"]


def test_the_model_cards_example_runs_from_the_question_to_the_answer() -> None:
    tiny_model()
    with Hermes("tiny") as hermes:
        run = hermes.call_tools(
            "Hey, what's the temperature in Paris right now?",
            tools=[get_current_temperature, get_current_wind_speed],
            max_tokens=200,
        )
    assert [(s.call.name, s.value) for s in run.trace if s.call] == [
        ("get_current_temperature", 22.0)
    ]
    assert run.trace[0].call is not None
    assert "Paris" in run.trace[0].call.arguments["location"]
    assert "22" in run.require_answer()


@pytest.fixture(scope="module")
def random_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_gguf(tmp_path_factory.mktemp("hermes") / "random.gguf")


def test_a_file_is_loaded_answers_and_is_closed(random_path: Path) -> None:
    with Hermes(random_path, options=LoadOptions(n_ctx=2048)) as hermes:
        completion = hermes.chat("Hi", max_tokens=4)
        assert completion.usage.completion_tokens <= 4
        forced = hermes.chat(
            "Hi",
            tools=[get_current_temperature],
            tool_choice="required",
            max_tokens=12,
            sampling=GREEDY,
        )
        assert forced.text.startswith("<tool_call>") or forced.tool_calls
    with pytest.raises(EngineError):
        hermes.chat("Hi")


def test_extract_with_random_weights_is_valid_by_construction(
    random_path: Path,
) -> None:
    class Switch(BaseModel):
        on: bool
        mode: int | None

    with Hermes(str(random_path), options=LoadOptions(n_ctx=2048)) as hermes:
        value = hermes.extract(Switch, "It is on.", max_tokens=300)
    assert isinstance(value, Switch)


def test_names_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError):
        Hermes("no-such-model")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF nothing")
    with pytest.raises(ModelLoadError):
        Hermes(broken)
