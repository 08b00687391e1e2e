"""The official renderings, byte for byte."""

from __future__ import annotations

import pytest

from hermes_gguf.prompt import render_prompt
from tests.prompt.official import golden_case, read_message, read_tool

CASES = [
    "seed_turn1",
    "seed_turn2_after_tool",
    "parallel_two_calls_two_responses",
    "parallel_then_answer_then_user",
    "string_arguments_passthrough",
    "user_system_message_is_second_system_turn",
    "no_parameters_tool",
    "default_chatml",
]
#: Where the default style departs on purpose, and what it writes instead.
MENDED = {
    "parallel_then_answer_then_user": (
        "<|im_start|>assistant\n<tool_call>",
        "<|im_start|>assistant\nDROPPED\n<tool_call>",
    ),
    "user_system_message_is_second_system_turn": (
        "</tool_call><|im_end|>\n<|im_start|>system\nBe nice.",
        "</tool_call>\n\nBe nice.",
    ),
}


def render(name: str, style: str) -> tuple[str, str]:
    case = golden_case(name)
    prompt = render_prompt(
        [read_message(message) for message in case["messages"]],
        tools=[read_tool(tool) for tool in case.get("tools") or ()],
        style=style,
        add_generation_prompt=case.get("add_generation_prompt", True),
    )
    return prompt.text, case["expected"]


@pytest.mark.parametrize("name", CASES)
def test_the_exact_style_equals_the_official_rendering(name: str) -> None:
    text, expected = render(name, "hermes-2-pro-exact")
    assert text == expected


@pytest.mark.parametrize("name", CASES)
def test_the_default_style_departs_only_where_something_was_lost(name: str) -> None:
    text, expected = render(name, "hermes-2-pro")
    lost, mended = MENDED.get(name, ("", ""))
    assert expected.count(lost or expected) == 1
    assert text == (expected.replace(lost, mended) if lost else expected)
