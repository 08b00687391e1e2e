"""The style "hermes-card": the wording of the first model cards.

Arguments come before the name, JSON has double quotes, and two spaces stand before
`</tools>`. Descriptions carry the signature, JSON-escaped.

Source: model cards of NousResearch/Hermes-2-Pro-Mistral-7B and
NousResearch/DeepHermes-3-Llama-3-8B-Preview.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from ...messages import Tool
from ..escape import render_json
from ..python_types import render_type
from ..style import PromptStyle
from ..writer import PromptWriter
from .definitions import OFFICIAL_INTRODUCTION, description_of, function_definition

_INSTRUCTIONS = (
    " </tools> Use the following pydantic model json schema for each tool call you"
    ' will make: {"properties": {"arguments": {"title": "Arguments", "type":'
    ' "object"}, "name": {"title": "Name", "type": "string"}}, "required":'
    ' ["arguments", "name"], "title": "FunctionCall", "type": "object"} For each'
    " function call return a json object with function name and arguments within"
    " <tool_call></tool_call> XML tags as follows:\n"
    '<tool_call>\n{"arguments": <args-dict>, "name": <function-name>}\n</tool_call>'
)


def _write_tools(
    writer: PromptWriter, tools: Sequence[Tool], date: datetime.date | None
) -> None:
    writer.write(OFFICIAL_INTRODUCTION)
    for tool in tools:
        definition = function_definition(tool, description=_description(tool))
        writer.quote(render_json(definition))
        writer.write(" ")
    writer.write(_INSTRUCTIONS)


def _description(tool: Tool) -> str:
    properties = tool.parameters.get("properties") or {}
    types = {
        name: render_type(schema, root=tool.parameters)
        for name, schema in properties.items()
    }
    signature = ", ".join(f"{name}: {kind}" for name, kind in types.items())
    text = f"{tool.name}({signature})"
    returned = tool.returns
    if returned is not None:
        text += f" -> {render_type(returned)}"
    if tool.description:
        text += f" - {tool.description}"
    if any(_text_of(schema) for schema in properties.values()):
        lines = (
            f"        {name} ({types[name]}): {_text_of(schema)}".rstrip()
            for name, schema in properties.items()
        )
        text += "\n\n    Args:\n" + "\n".join(lines)
    if returned is not None and _text_of(returned):
        text += f"\n\n    Returns:\n        {render_type(returned)}: "
        text += _text_of(returned)
    return text


def _text_of(schema: Any) -> str:
    return description_of(schema).strip()


HERMES_CARD = PromptStyle(
    name="hermes-card",
    summary="the first cards' wording: arguments before the name (DeepHermes)",
    write_tools=_write_tools,
    arguments_first=True,
    wraps_results=True,
)
