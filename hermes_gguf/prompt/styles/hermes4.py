"""The style "hermes-4": three sentences, then one compact tool on each line.

Source: model card of NousResearch/Hermes-4-405B.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from ...messages import Tool
from ..escape import render_json
from ..style import PromptStyle
from ..writer import PromptWriter

_INSTRUCTIONS = (
    "You are a function-calling AI. Tools are provided inside"
    " <tools>\N{HORIZONTAL ELLIPSIS}</tools>.\n"
    "When appropriate, call a tool by emitting a <tool_call>{...}</tool_call>"
    " object.\n"
    "After a tool responds (as <tool_response>), continue reasoning inside <think>"
    " and produce the final answer.\n"
)


def _write_tools(
    writer: PromptWriter, tools: Sequence[Tool], date: datetime.date | None
) -> None:
    writer.write(f"{_INSTRUCTIONS}<tools>\n")
    for tool in tools:
        function: dict[str, object] = {"name": tool.name}
        if tool.description:
            function["description"] = tool.description
        function["parameters"] = dict(tool.parameters)
        definition = {"type": "function", "function": function}
        writer.quote(render_json(definition, compact=True))
        writer.write("\n")
    writer.write("</tools>")


HERMES_4 = PromptStyle(
    name="hermes-4",
    summary="Hermes 4 and 4.3: short instructions, one compact tool on each line",
    write_tools=_write_tools,
)
