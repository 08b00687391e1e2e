"""What one answer may be made of, and the grammar that holds it to that.

Which tools, how many calls, which JSON: checked as a value before anything is rendered.
Knows nothing of messages, and does not read what the model writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import OptionError
from ..grammar.tool_calls import ToolCallConstraint, tool_call_constraint
from ..messages import JsonObject, NamedTool, Tool, ToolChoice
from ..options import require_switches
from ..prompt import PromptStyle


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What one request asks of the answer.

    Attributes:
        tools: What the model may call.
        tool_choice: "auto", "required", "none" or one `NamedTool`.
        parallel_tool_calls: Whether the answer may hold several calls.
        json_schema: What a JSON answer obeys; None asks for no JSON.
        closed_schema: Its objects allow no extra keys unless they say so.
        thinking: Reasoning comes first.
    """

    tools: Sequence[Tool] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    json_schema: JsonObject | None = None
    closed_schema: bool = True
    thinking: bool = False

    def __post_init__(self) -> None:
        require_switches(self, "parallel_tool_calls", "closed_schema", "thinking")
        _check_choice(self.tool_choice)
        _check_schema(self.json_schema)

    @property
    def shown_tools(self) -> Sequence[Tool]:
        """The tools that the model gets to see."""
        return () if self.tool_choice == "none" else self.tools

    @property
    def has_tools(self) -> bool:
        """Whether the answer may be a call at all."""
        return bool(self.shown_tools)

    def compile_constraint(
        self, style: PromptStyle, on_unsupported: Literal["refuse", "check"]
    ) -> ToolCallConstraint | None:
        """The grammar of such answers, None where everything is allowed.

        Its maker keeps it: a second turn with the same tools is free.

        Args:
            style: How the model was trained to write calls.
            on_unsupported: What to do with a keyword that no grammar can enforce.

        Raises:
            SchemaError: a schema cannot be enforced.
        """
        return tool_call_constraint(
            self.shown_tools,
            choice=self.tool_choice,
            parallel=self.parallel_tool_calls,
            arguments_first=style.arguments_first,
            json_schema=self.json_schema,
            closed_schema=self.closed_schema,
            thinking=self.thinking,
            scratch_pad=style.uses_scratch_pad,
            on_unsupported=on_unsupported,
        )


def _check_choice(choice: object) -> None:
    """Refuse what is no tool_choice: a misspelt one shall not become another one."""
    if isinstance(choice, NamedTool) or choice in ("auto", "required", "none"):
        return
    raise OptionError(
        "tool_choice",
        f"{str(choice)[:60]!r} is no choice of tools",
        hint="'auto', 'required', 'none' or NamedTool('the_name')",
    )


def _check_schema(schema: object) -> None:
    if schema is None or isinstance(schema, Mapping | bool):
        return
    raise OptionError(
        "json_schema",
        f"{schema!r} is no JSON Schema",
        hint="a dictionary; extract(TYPE, text) takes types",
    )
