"""What the generator of training dialogues promises."""

from __future__ import annotations

import json
from random import Random

import jsonschema
import pytest

from hermes_gguf.messages import AssistantMessage, ToolMessage, UserMessage
from hermes_gguf.prompt import render_prompt
from scripts.tiny import dialogues, heldout
from scripts.tiny.domains import FUNCTIONS
from scripts.tiny.handwritten import handwritten_cases

MAKERS = [maker for maker, _ in dialogues.MIX]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("test", [False, True])
def test_the_same_seed_gives_the_same_dialogue(
    maker: dialogues.Maker, test: bool
) -> None:
    first = [maker(Random(seed), test) for seed in range(20)]
    again = [maker(Random(seed), test) for seed in range(20)]
    assert first == again


@pytest.mark.parametrize("maker", MAKERS)
def test_every_dialogue_renders_and_ends_with_the_assistant(
    maker: dialogues.Maker,
) -> None:
    for seed in range(60):
        dialogue = maker(Random(seed), False)
        assert isinstance(dialogue.messages[-1], AssistantMessage)
        render_prompt(
            dialogue.messages[:-1],
            tools=dialogue.tools,
            json_schema=dialogue.json_schema,
        )


def test_every_call_is_valid_against_its_tool() -> None:
    for seed in range(300):
        dialogue = dialogues.draw_dialogue(Random(seed), test=seed % 2 == 0)
        schemas = {tool.name: tool.parameters for tool in dialogue.tools}
        for message in dialogue.messages:
            if isinstance(message, AssistantMessage):
                for call in message.tool_calls:
                    jsonschema.validate(dict(call.arguments), dict(schemas[call.name]))


def test_every_object_of_json_mode_is_valid_against_its_schema() -> None:
    for seed in range(300):
        dialogue = dialogues.json_mode(Random(seed), seed % 2 == 0)
        assert dialogue.json_schema is not None
        last = dialogue.messages[-1]
        assert isinstance(last, AssistantMessage)
        jsonschema.validate(json.loads(last.content), dialogue.json_schema)


def test_numbers_and_addresses_of_a_call_stand_in_the_request() -> None:
    copied = 0
    for seed in range(400):
        dialogue = dialogues.one_call(Random(seed), False, rounds=1)
        request, call = dialogue.messages[-2:]
        assert isinstance(request, UserMessage)
        assert isinstance(call, AssistantMessage)
        for value in call.tool_calls[0].arguments.values():
            is_copied = isinstance(value, float) or (
                isinstance(value, str) and ("@" in value or "://" in value)
            )
            if is_copied:
                copied += 1
                assert str(value) in request.content
    assert copied > 20


def test_a_final_sentence_contains_what_the_tools_gave() -> None:
    for seed in range(200):
        dialogue = dialogues.answer(Random(seed), seed % 2 == 0)
        result, told = dialogue.messages[-2:]
        assert isinstance(result, ToolMessage)
        assert isinstance(told, AssistantMessage)
        assert dialogue.shown
        for text in dialogue.shown:
            assert text.lower() in told.content.lower()


def test_the_test_split_shares_no_function_and_no_phrasing_with_training() -> None:
    trained = {name for function in FUNCTIONS for name in function.names}
    asked = {text for function in FUNCTIONS for text in function.asks}
    for function in heldout.TEST_FUNCTIONS:
        assert not trained & set(function.names)
        assert not asked & set(function.asks)


def test_no_handwritten_request_is_a_training_phrasing() -> None:
    asked = {text for function in FUNCTIONS for text in function.asks}
    cases = list(handwritten_cases())
    assert len(cases) == 40
    for dialogue, name, arguments in cases:
        request = dialogue.messages[0]
        assert isinstance(request, UserMessage)
        assert request.content not in asked
        schemas = {tool.name: tool.parameters for tool in dialogue.tools}
        jsonschema.validate(arguments, dict(schemas[name]))
