"""The exact style against the official template itself, run by Jinja."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hermes_gguf.errors import ToolDefinitionError
from hermes_gguf.messages import Tool, UserMessage
from hermes_gguf.prompt import matches_known_template, render_prompt
from tests.prompt.official import read_message, read_tool
from tests.prompt.strategies import conversations, tool_lists
from tests.support.shared import shared_path

TEMPLATE = "hermes/templates/NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use.jinja"


@cache
def official_template() -> Template:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string(shared_path(TEMPLATE).read_text("utf-8"))


@settings(max_examples=150)
@given(conversations(), tool_lists.filter(bool), st.booleans())
def test_exact_style_prints_what_the_official_template_prints(
    messages: list[dict[str, Any]], tools: list[dict[str, Any]], generate: bool
) -> None:
    expected = official_template().render(
        messages=messages, tools=tools, add_generation_prompt=generate, bos_token=""
    )
    prompt = render_prompt(
        [read_message(message) for message in messages],
        tools=[read_tool(tool) for tool in tools],
        style="hermes-2-pro-exact",
        add_generation_prompt=generate,
    )
    assert prompt.text == expected


def test_exact_style_refuses_what_crashes_the_official_template() -> None:
    returns_nothing = Tool("notify", "Notify.", returns={"type": "null"})
    with pytest.raises(ToolDefinitionError, match="notify"):
        render_prompt(
            [UserMessage("x")], tools=[returns_nothing], style="hermes-2-pro-exact"
        )
    with pytest.raises(RecursionError):
        official_template().render(
            messages=[], tools=[returns_nothing.to_json()], bos_token=""
        )


def test_the_official_template_is_recognised_by_its_text() -> None:
    known = matches_known_template(shared_path(TEMPLATE).read_text("utf-8"))
    assert known is not None
    assert known.dialect == "chatml"
