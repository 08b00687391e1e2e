"""Each style's wording against the published text of that wording."""

from __future__ import annotations

import datetime
import json
import re

import pytest

from hermes_gguf.errors import OptionError
from hermes_gguf.messages import (
    AssistantMessage,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from hermes_gguf.prompt import (
    PROMPT_STYLES,
    THINKING_PROMPT,
    render_execution_error,
    render_json_error,
    render_prompt,
    render_syntax_error,
    render_validation_error,
)
from hermes_gguf.tags import IM_END
from tests.support.shared import shared_path

RENDERED = "hermes/golden/sys_prompts_rendered.json"
SYMBOL = {
    "type": "object",
    "properties": {"symbol": {"type": "string"}},
    "required": ["symbol"],
}
PRICE = Tool(
    "get_current_stock_price",
    "Get the current stock price for a given symbol.",
    SYMBOL,
)
FUNDAMENTALS = Tool(
    "get_stock_fundamentals",
    "Get fundamental data for a given stock symbol using yfinance API.",
    SYMBOL,
)
WEATHER = Tool(
    "get_weather",
    "Get weather by city",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
)
TESLA = ToolCall("get_stock_fundamentals", {"symbol": "TSLA"})


def published(heading: str, number: int = 0) -> str:
    """The code block of that number under a heading of the collected prompts."""
    text = shared_path("hermes/PROMPTS.md").read_text("utf-8")
    section = re.split(rf"^##+ {re.escape(heading)}", text, flags=re.MULTILINE)[1]
    return re.findall(r"^```\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)[number]


def system_text(style: str, tool: Tool, **options: object) -> str:
    prompt = render_prompt([UserMessage("x")], tools=[tool], style=style, **options)  # type: ignore[arg-type]
    return prompt.text.removeprefix("<|im_start|>system\n").split(IM_END)[0]


def rendered_prompt(name: str) -> str:
    text = str(json.loads(shared_path(RENDERED).read_text("utf-8"))[name])
    # Newer pydantic adds what the models never saw.
    return text.replace("'additionalProperties': True, ", "")


def test_the_recursive_agent_reads_its_published_prompt() -> None:
    text = system_text("hermes-recursive", PRICE, date=datetime.date(2024, 3, 15))
    assert text == rendered_prompt("hermes-function-calling/sys_prompt.yml")


def test_without_a_date_the_agent_is_told_none() -> None:
    assert "date" not in system_text("hermes-recursive", PRICE)


def test_the_evaluation_reads_its_published_prompt() -> None:
    text = system_text("hermes-eval", PRICE)
    assert text == rendered_prompt("function-calling-eval/sys_prompt.yml")


def test_the_planner_reads_its_published_prompt() -> None:
    block = published("5. V5 Hermes 3 scratch_pad prompt")
    assert system_text("hermes-scratch-pad", FUNDAMENTALS) == block


def test_hermes_4_reads_its_published_prompt() -> None:
    block = published("7. V6 Hermes 4 tool prompt")
    prompt = render_prompt([UserMessage("x")], tools=[WEATHER], style="hermes-4")
    assert prompt.text.startswith(f"{block}\n<|im_start|>user\n")


def test_the_card_style_reads_the_published_prompt_around_the_tools() -> None:
    before, after = published("3. V1 early card prompt", 1).split(
        '{"type": "function", "function": {...}} '
    )
    prompt = render_prompt(
        [UserMessage("x")], tools=[WEATHER], style="hermes-card", dialect="llama3"
    )
    header, words = before.split("\n", 1)
    assert prompt.text.startswith(f"{header}\n\n{words}" + '{"type": "function", ')
    assert prompt.text.split("}}} ", 1)[1].startswith(f"{after}<|end_header_id|>"[:-17])


def test_the_card_style_puts_the_signature_into_an_escaped_description() -> None:
    documented = Tool(
        "get_weather",
        'Say "rain" or "sun".',
        {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Which city"}},
        },
        {"type": "string", "description": "The weather"},
    )
    assert (
        '"get_weather(city: str) -> str - Say \\"rain\\" or \\"sun\\".\\n\\n    Args:'
        "\\n        city (str): Which city\\n\\n    Returns:\\n        str: The weather"
        '"'
    ) in system_text("hermes-card", documented)


def test_a_card_tool_turn_repeats_the_name_and_ends_with_a_line_feed() -> None:
    prompt = render_prompt(
        [
            UserMessage("How is Tesla?"),
            AssistantMessage(tool_calls=(TESLA,)),
            ToolMessage('{"symbol": "TSLA"}'),
        ],
        style="hermes-card",
    )
    assert prompt.text.endswith(
        "<|im_start|>assistant\n<tool_call>\n"
        '{"arguments": {"symbol": "TSLA"}, "name": "get_stock_fundamentals"}\n'
        "</tool_call><|im_end|>\n<|im_start|>tool\n<tool_response>\n"
        '{"name": "get_stock_fundamentals", "content": {"symbol": "TSLA"}}\n'
        "</tool_response>\n<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_agent_counts_its_iterations_for_each_question() -> None:
    asked = AssistantMessage(tool_calls=(TESLA,))
    prompt = render_prompt(
        [
            UserMessage("How is Tesla?"),
            *(asked, ToolMessage("1"), asked, ToolMessage("2")),
            AssistantMessage("Fine."),
            UserMessage("And now?"),
            *(asked, ToolMessage("3")),
        ],
        style="hermes-recursive",
    )
    query = "How is Tesla?"
    assert f"user\n{query}\nThis is the first turn and you don't" in prompt.text
    assert f"Agent iteration 0 to assist with user query: {query}\n" in prompt.text
    assert f"Agent iteration 1 to assist with user query: {query}\n" in prompt.text
    assert "Agent iteration 0 to assist with user query: And now?\n" in prompt.text
    assert "user\nAnd now?<|im_end|>" in prompt.text


@pytest.mark.parametrize("style", sorted(PROMPT_STYLES))
def test_the_preamble_is_equal_for_every_conversation(style: str) -> None:
    short = render_prompt([UserMessage("a")], tools=[PRICE], style=style)
    long = render_prompt(
        [UserMessage("b"), AssistantMessage("c"), UserMessage("d")],
        tools=[PRICE],
        style=style,
    )
    assert short.preamble_end == long.preamble_end > 0
    assert short.text[: short.preamble_end] == long.text[: long.preamble_end]


def test_llama_3_headers_surround_every_turn() -> None:
    prompt = render_prompt(
        [SystemMessage("Be brief."), UserMessage("Hi"), AssistantMessage("Hello")],
        dialect="llama3",
    )
    assert prompt.text == (
        "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )


def test_llama_3_calls_and_results_have_turns_of_their_own() -> None:
    prompt = render_prompt(
        [UserMessage("x"), AssistantMessage(tool_calls=(TESLA,)), ToolMessage("1")],
        dialect="llama3",
        style="hermes-4",
    )
    assert prompt.text.endswith(
        "<|start_header_id|>assistant<|end_header_id|>\n\n<tool_call>\n"
        '{"name": "get_stock_fundamentals", "arguments": {"symbol": "TSLA"}}\n'
        "</tool_call><|eot_id|><|start_header_id|>tool<|end_header_id|>\n\n"
        "<tool_response>\n1\n</tool_response>\n<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )


SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}


def test_json_mode_reads_the_card_prompt() -> None:
    prompt = render_prompt([UserMessage("Goku?")], json_schema=SCHEMA)
    block = published("8. JSON mode").replace("\\n", "\n")
    assert prompt.text.startswith(block.replace("{schema}", json.dumps(SCHEMA)))


def test_json_mode_and_tools_share_one_system_turn() -> None:
    prompt = render_prompt([UserMessage("x")], tools=[PRICE], json_schema=SCHEMA)
    assert prompt.text.count("<|im_start|>system") == 1
    assert (
        "</tool_call>\n\nWhen no function call is needed, answer in JSON. Here's the"
        f" json schema you must adhere to:\n<schema>\n{json.dumps(SCHEMA)}\n</schema>"
        "<|im_end|>"
    ) in prompt.text


@pytest.mark.parametrize(
    ("system", "thinking", "expected"),
    [
        (None, False, "Default."),
        (None, True, THINKING_PROMPT),
        ("Mine.", False, "Mine."),
        ("Mine.", True, f"{THINKING_PROMPT}\n\nMine."),
    ],
)
def test_thinking_replaces_the_default_and_precedes_the_callers_words(
    system: str | None, thinking: bool, expected: str
) -> None:
    start = [SystemMessage(system)] if system else []
    prompt = render_prompt(
        [*start, UserMessage("x")],
        style="hermes-4",
        default_system="Default.",
        thinking=thinking,
    )
    assert prompt.text.startswith(f"<|im_start|>system\n{expected}<|im_end|>\n")


def test_thinking_comes_before_the_tools() -> None:
    text = system_text("hermes-4", WEATHER, thinking=True, thinking_prompt="Think.")
    assert text.startswith("Think.\n\nYou are a function-calling AI.")


@pytest.mark.parametrize(
    ("style", "keep", "expected"),
    [
        ("hermes-4", False, "assistant\nBlue.<|im_end|>"),
        ("hermes-4", True, "assistant\n<think>\nWhy?\n</think>\nBlue.<|im_end|>"),
        (
            "hermes-scratch-pad",
            True,
            "assistant\n<scratch_pad>\nWhy?\n</scratch_pad>\nBlue.<|im_end|>",
        ),
    ],
)
def test_earlier_reasoning_is_left_out_unless_it_is_wanted(
    style: str, keep: bool, expected: str
) -> None:
    turns = [UserMessage("x"), AssistantMessage("Blue.", reasoning="Why?")]
    prompt = render_prompt(turns, style=style, keep_reasoning=keep)
    assert expected in prompt.text


def test_reasoning_stands_before_the_call() -> None:
    turns = [
        UserMessage("x"),
        AssistantMessage(tool_calls=(TESLA,), reasoning="Why?"),
        ToolMessage("1"),
    ]
    prompt = render_prompt(turns, style="hermes-4", keep_reasoning=True)
    assert "assistant\n<think>\nWhy?\n</think>\n<tool_call>\n{" in prompt.text


def test_examples_come_first_and_belong_to_the_preamble() -> None:
    examples = [UserMessage("1+1?"), AssistantMessage("2")]
    prompt = render_prompt([UserMessage("2+2?")], few_shot=examples)
    assert prompt.text[: prompt.preamble_end].endswith("assistant\n2<|im_end|>\n")


@pytest.mark.parametrize(
    ("option", "value"),
    [("style", "hermes-9"), ("dialect", "vicuna")],
)
def test_unknown_names_are_refused_with_the_known_ones(option: str, value: str) -> None:
    with pytest.raises(OptionError) as caught:
        render_prompt([UserMessage("x")], **{option: value})  # type: ignore[arg-type]
    assert caught.value.option == option
    assert "choose one of" in (caught.value.hint or "")


def test_the_exact_style_exists_in_chatml_only() -> None:
    with pytest.raises(OptionError, match="hermes-2-pro-exact"):
        render_prompt([UserMessage("x")], style="hermes-2-pro-exact", dialect="llama3")


@pytest.mark.parametrize(
    "text",
    [
        render_execution_error("{name}", "{e}"),
        render_validation_error("{name}", "{message}"),
        render_syntax_error("{error_message}"),
        render_json_error("{error_message}"),
    ],
)
def test_errors_are_reported_in_the_published_words(text: str) -> None:
    collected = shared_path("hermes/PROMPTS.md").read_text("utf-8")
    assert "<tool_response>\\n" + text.replace("\n", "\\n") in collected
