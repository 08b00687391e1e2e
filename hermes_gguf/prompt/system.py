"""The system text: reasoning directive, tools, JSON mode, the caller's own words.

All of it becomes one system turn, in an order that keeps the long part, the tools,
equal from conversation to conversation. The wording of the tools is the style's.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..messages import Tool
from ..tags import SCHEMA_CLOSE, SCHEMA_OPEN
from .escape import render_json
from .style import PromptStyle
from .writer import PromptWriter

#: Source: model cards of DeepHermes-3-Llama-3-8B-Preview and Hermes-4-405B.
THINKING_PROMPT: Final = (
    "You are a deep thinking AI, you may use extremely long chains of thought to"
    " deeply consider the problem and deliberate with yourself via systematic"
    " reasoning processes to help come to a correct solution prior to answering. You"
    " should enclose your thoughts and internal monologue inside <think> </think>"
    " tags, and then provide your solution or response to the problem."
)
#: Source: model card of NousResearch/Hermes-2-Pro-Llama-3-8B, JSON mode.
JSON_PROMPT: Final = (
    "You are a helpful assistant that answers in JSON. Here's the json schema you"
    " must adhere to:"
)
_JSON_WITH_TOOLS: Final = (
    "When no function call is needed, answer in JSON. Here's the json schema you"
    " must adhere to:"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemText:
    """Everything that goes into the system turn.

    Attributes:
        tools: The tools to present; empty for none.
        date: What a style that names the date calls today.
        json_schema: The schema that the answer must obey.
        directive: The reasoning directive; empty for none.
        own: The caller's system message, or None when there is none.
        default: What to say when there is nothing else to say.
    """

    tools: Sequence[Tool] = ()
    date: datetime.date | None = None
    json_schema: Mapping[str, Any] | bool | None = None
    directive: str = ""
    own: str | None = None
    default: str | None = None

    def write_preamble(self, writer: PromptWriter, style: PromptStyle) -> None:
        """Write the tools' text alone."""
        if self.tools:
            style.write_tools(writer, self.tools, self.date)

    def write_rest(self, writer: PromptWriter) -> None:
        """Write JSON mode and the caller's words, or else the default."""
        if self.json_schema is not None:
            writer.paragraph()
            introduction = _JSON_WITH_TOOLS if self.tools else JSON_PROMPT
            writer.write(f"{introduction}\n{SCHEMA_OPEN}\n")
            writer.quote(render_json(self.json_schema))
            writer.write(f"\n{SCHEMA_CLOSE}")
        if self.own:
            writer.paragraph()
            writer.write_own(self.own)
        elif self.own is None and not writer and not self.tools and self.default:
            writer.write(self.default)

    def write(self, writer: PromptWriter, style: PromptStyle) -> None:
        """Write all of it: directive, tools, JSON mode, the caller's words."""
        writer.write(self.directive)
        if self.directive and self.tools:
            writer.paragraph()
        self.write_preamble(writer, style)
        self.write_rest(writer)
