"""The styles "hermes-2-pro" and "hermes-2-pro-exact": the official wording.

The first mends what the official `tool_use` template breaks; the second repeats
the template byte for byte. docs/prompts.md lists every difference.

Source: `tool_use` chat template of NousResearch/Hermes-2-Pro-Llama-3-8B, the same
file as in NousResearch/Hermes-3-Llama-3.1-8B.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import ToolDefinitionError
from ...messages import Tool
from ..escape import escape_description, render_json
from ..python_types import render_template_type, render_type
from ..style import PromptStyle
from ..writer import PromptWriter
from .definitions import OFFICIAL_INTRODUCTION, description_of

_INSTRUCTIONS = (
    " </tools>Use the following pydantic model json schema for each tool call you"
    ' will make: {"properties": {"name": {"title": "Name", "type": "string"},'
    ' "arguments": {"title": "Arguments", "type": "object"}}, "required": ["name",'
    ' "arguments"], "title": "FunctionCall", "type": "object"}}\n'
    "For each function call return a json object with function name and arguments"
    " within <tool_call></tool_call> XML tags as follows:\n"
    '<tool_call>\n{"name": <function-name>, "arguments": <args-dict>}\n</tool_call>'
)


def _write_tools(
    writer: PromptWriter, tools: Sequence[Tool], date: datetime.date | None
) -> None:
    _write(writer, [_render_tool(tool) for tool in tools])


def _write_tools_exactly(
    writer: PromptWriter, tools: Sequence[Tool], date: datetime.date | None
) -> None:
    _write(writer, [_render_tool_exactly(tool) for tool in tools])


def _write(writer: PromptWriter, lines: Sequence[str]) -> None:
    writer.write(OFFICIAL_INTRODUCTION)
    for number, line in enumerate(lines):
        writer.write("\n" if number else "")
        writer.quote(line)
    writer.write(_INSTRUCTIONS)


def _render_tool(tool: Tool) -> str:
    name = render_json(tool.name)[1:-1]
    parameters = _parameters_json(tool.parameters)
    return (
        f'{{"type": "function", "function": {{"name": "{name}", "description": "'
        f'{_description(tool)}", "parameters": {parameters}}}'
    )


def _parameters_json(parameters: Mapping[str, Any]) -> str:
    says_nothing = not parameters.get("properties") and not (
        parameters.keys() - {"type", "properties", "required"}
    )
    return "{}" if says_nothing else render_json(dict(parameters))


def _description(tool: Tool) -> str:
    properties = tool.parameters.get("properties") or {}
    types = {
        name: render_type(schema, root=tool.parameters)
        for name, schema in properties.items()
    }
    escape = escape_description
    signature = ", ".join(f"{escape(name)}: {kind}" for name, kind in types.items())
    text = f"{escape(tool.name)}({signature})"
    returned = tool.returns
    if returned is not None:
        text += f" -> {render_type(returned)}"
    text += f" - {escape(tool.description)}\n\n" if tool.description else "\n\n"
    if properties:
        text += "    Args:\n"
    for name, schema in properties.items():
        described = escape(description_of(schema).strip())
        text += f"        {escape(name)}({types[name]}): {described}"
    if returned is not None and description_of(returned):
        text += f"\n    Returns:\n        {escape(description_of(returned))}"
    return text


def _render_tool_exactly(tool: Tool) -> str:
    try:
        description = _template_description(tool)
    except RecursionError as error:
        raise ToolDefinitionError(
            tool.name,
            f"the official template cannot print it: {error}",
            hint='use the style "hermes-2-pro", which prints it',
        ) from error
    printed = json.dumps(dict(tool.parameters), ensure_ascii=False)
    parameters = printed if tool.parameters.get("properties") else "{}"
    return (
        f'{{"type": "function", "function": {{"name": "{tool.name}", "description": "'
        f'{description}", "parameters": {parameters}}}'
    )


def _template_description(tool: Tool) -> str:
    properties = tool.parameters.get("properties") or {}
    types = {name: render_template_type(spec) for name, spec in properties.items()}
    signature = ", ".join(f"{name}: {kind}" for name, kind in types.items())
    text = f"{tool.name}({signature})"
    if tool.returns is not None:
        text += f" -> {render_template_type(tool.returns)}"
    text += f" - {tool.description}\n\n"
    if properties:
        text += "    Args:\n"
    for name, schema in properties.items():
        described = str(schema.get("description", "")).strip()
        text += f"        {name}({types[name]}): {described}"
    if tool.returns is not None and "description" in tool.returns:
        text += f"\n    Returns:\n        {tool.returns['description']}"
    return text


HERMES_2_PRO = PromptStyle(
    name="hermes-2-pro",
    summary="the official tool_use wording, its defects mended (default)",
    write_tools=_write_tools,
    is_template=True,
)
HERMES_2_PRO_EXACT = PromptStyle(
    name="hermes-2-pro-exact",
    summary="the official tool_use template, byte for byte",
    write_tools=_write_tools_exactly,
    dialects=("chatml",),
    is_template=True,
    is_exact=True,
)
