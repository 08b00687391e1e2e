"""A conversation and its tools → the exact text that a Hermes model reads.

The door of this room. Knows the order of the parts; each part has its own file.
Knows nothing of tokens: the engine puts the one BOS in front.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from ..messages import Message, SystemMessage, Tool
from .check_tools import check_schema, check_tools
from .dialects import Dialect
from .registry import DEFAULT_STYLE, get_dialect, get_style
from .rendered import Prompt
from .style import PromptStyle
from .system import THINKING_PROMPT, SystemText
from .turns import TurnWriter
from .validate import check_turns
from .writer import PromptWriter


def render_prompt(
    messages: Sequence[Message],
    *,
    tools: Sequence[Tool] = (),
    dialect: str = "chatml",
    style: str | PromptStyle = DEFAULT_STYLE,
    json_schema: Mapping[str, Any] | bool | None = None,
    default_system: str | None = None,
    thinking: bool = False,
    thinking_prompt: str | None = None,
    keep_reasoning: bool = False,
    few_shot: Sequence[Message] = (),
    add_generation_prompt: bool = True,
    date: datetime.date | None = None,
) -> Prompt:
    """Render a conversation, without BOS.

    Args:
        messages: The conversation; leading system messages become one turn.
        tools: What the model may call; empty leaves the tool text out.
        dialect: "chatml" or "llama3".
        style: The wording for tools: a name in `PROMPT_STYLES`, or a style.
        json_schema: Ask for an answer in JSON that obeys this schema.
        default_system: System text for a conversation that has none, no tools
            and no schema.
        thinking: Ask for reasoning inside `<think>` first.
        thinking_prompt: The model's own directive for that.
        keep_reasoning: Repeat the reasoning of earlier answers in the history.
        few_shot: An example conversation, written before the real one.
        add_generation_prompt: End with the opening of the assistant's turn.
        date: Today, for a style that names it; None leaves the sentence out.

    Raises:
        MessageError: A message stands where it may not.
        ToolDefinitionError: Two tools share a name, or one cannot be printed.
        SchemaError: The schema is not JSON.
        OptionError: The style or the dialect does not exist.
    """
    chosen = get_style(style)
    markers = get_dialect(dialect, style=chosen)
    answers = check_turns(messages, expects_answer=add_generation_prompt)
    own, first_turn = _split_system(messages, chosen)
    check_tools(tools)
    check_schema(json_schema)
    system = SystemText(
        tools=tools,
        date=date,
        json_schema=json_schema,
        directive=(thinking_prompt or THINKING_PROMPT) if thinking else "",
        own=own,
        default=default_system,
    )
    writer = _write_system(system, chosen, markers)
    turns = TurnWriter(markers, chosen, keep_reasoning)
    if few_shot:
        turns.write(writer, few_shot, check_turns(few_shot))
    writer.end_preamble()
    turns.write(writer, messages[first_turn:], answers, offset=first_turn)
    writer.write(markers.open("assistant") if add_generation_prompt else "")
    return writer.finish()


def _split_system(
    messages: Sequence[Message], style: PromptStyle
) -> tuple[str | None, int]:
    """The caller's own system text, or None, and where the other turns begin."""
    leading: list[str] = []
    for message in messages:
        if not isinstance(message, SystemMessage):
            break
        leading.append(message.content or "")
    if style.is_exact and leading:
        # The template gives every system message a turn of its own.
        return "", 0
    return ("\n\n".join(filter(None, leading)) if leading else None, len(leading))


def _write_system(
    system: SystemText, style: PromptStyle, dialect: Dialect
) -> PromptWriter:
    """A writer that has the system turns, and waits for the others."""
    writer = PromptWriter()
    if style.is_exact:
        preamble, rest = PromptWriter(), PromptWriter()
        system.write_preamble(preamble, style)
        rest.write(system.directive)
        system.write_rest(rest)
        bodies = [preamble, rest]
    else:
        body = PromptWriter()
        system.write(body, style)
        bodies = [body]
    for body in bodies:
        if body:
            writer.write(dialect.open("system"))
            writer.append(body)
            writer.write(dialect.close)
    return writer
