"""Messages → turns: what stands between a turn's opening and its end.

Knows how calls and results are written, and the official template's line ends
around tool turns. The system turn with the tools is `prompt.render`'s business.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import MessageError
from ..messages import AssistantMessage, Message, SystemMessage, ToolCall, ToolMessage
from ..tags import (
    TOOL_CALL_CLOSE,
    TOOL_CALL_OPEN,
    TOOL_RESPONSE_CLOSE,
    TOOL_RESPONSE_OPEN,
)
from .agent_texts import FIRST_TURN_REMARK, render_iteration_header
from .dialects import CHATML, Dialect
from .escape import escape_response, escape_tags, render_json
from .style import PromptStyle
from .writer import PromptWriter


@dataclass(frozen=True, slots=True)
class TurnWriter:
    """Writes the turns of one conversation.

    Attributes:
        dialect: The markers around each turn.
        style: How calls and results are written.
        keep_reasoning: Write the reasoning of earlier answers too.
    """

    dialect: Dialect
    style: PromptStyle
    keep_reasoning: bool = False

    def write(
        self,
        writer: PromptWriter,
        messages: Sequence[Message],
        answers: Mapping[int, ToolCall],
        *,
        offset: int = 0,
    ) -> None:
        """Write every message; neighbouring tool messages share one turn.

        Args:
            writer: Where to.
            messages: The conversation, or its rest.
            answers: The call that each tool message answers, by its index.
            offset: Index of `messages[0]` in the whole conversation.
        """
        query, rounds, first = "", 0, True
        indexed = enumerate(messages, start=offset)
        for is_tool, group in itertools.groupby(
            indexed, key=lambda pair: isinstance(pair[1], ToolMessage)
        ):
            turns = list(group)
            if is_tool:
                is_last = turns[-1][0] == offset + len(messages) - 1
                header = render_iteration_header(rounds, query) if query else ""
                self._write_results(writer, turns, answers, header, is_last)
                rounds += 1
                continue
            for index, message in turns:
                if message.role == "user":
                    query, rounds = message.content, 0
                self._write_turn(writer, message, index, first=first)
                first = first and message.role != "user"

    def _write_turn(
        self, writer: PromptWriter, message: Message, index: int, *, first: bool
    ) -> None:
        writer.write(self._opening(message))
        if isinstance(message, AssistantMessage):
            self._write_answer(writer, message, index)
        elif isinstance(message, SystemMessage):
            writer.write_own(message.content or "")
        else:
            writer.quote(message.content or "")
            if first and message.role == "user" and self.style.counts_iterations:
                writer.write(FIRST_TURN_REMARK)
        writer.write(self.dialect.close)

    def _opening(self, message: Message) -> str:
        opening = self.dialect.open(message.role)
        return opening.removesuffix("\n") if self._is_bare_call(message) else opening

    def _write_answer(
        self, writer: PromptWriter, message: AssistantMessage, index: int
    ) -> None:
        if self._shows_reasoning(message):
            opening, closing = self.style.reasoning_tags
            writer.write(f"{opening}\n")
            writer.quote(message.reasoning.strip("\n"))
            writer.write(f"\n{closing}\n")
        text = self._text(message)
        writer.quote(text)
        needs_break = bool(text) or self._is_bare_call(message)
        for number, call in enumerate(message.tool_calls):
            writer.write("\n" if number or needs_break else "")
            writer.write(f"{TOOL_CALL_OPEN}\n")
            writer.quote(self._render_call(call, index))
            writer.write(f"\n{TOOL_CALL_CLOSE}")

    def _text(self, message: AssistantMessage) -> str:
        if not message.tool_calls:
            return message.content or ""
        # The official template drops it; its line end is written with the call.
        return "" if self.style.is_exact else (message.content or "").rstrip("\n")

    def _shows_reasoning(self, message: AssistantMessage) -> bool:
        wanted = self.keep_reasoning and not self.style.is_exact
        return wanted and bool(message.reasoning)

    def _is_bare_call(self, message: Message) -> bool:
        """Whether a ChatML turn opens with a call, which brings its own line feed."""
        return (
            self.dialect is CHATML
            and isinstance(message, AssistantMessage)
            and bool(message.tool_calls)
            and not self._text(message)
            and not self._shows_reasoning(message)
        )

    def _render_call(self, call: ToolCall, index: int) -> str:
        try:
            arguments = call.arguments_json
        except (TypeError, ValueError) as error:
            raise MessageError(
                f"the arguments of {call.name!r} are not JSON: {error}", index=index
            ) from error
        if self.style.is_exact:
            return f'{{"name": "{call.name}", "arguments": {arguments}}}'
        name = f'"name": {render_json(call.name)}'
        body = f'"arguments": {escape_tags(arguments)}'
        pair = (body, name) if self.style.arguments_first else (name, body)
        return "{" + ", ".join(pair) + "}"

    def _write_results(
        self,
        writer: PromptWriter,
        turns: Sequence[tuple[int, Message]],
        answers: Mapping[int, ToolCall],
        header: str,
        is_last: bool,
    ) -> None:
        writer.write(self.dialect.open("tool"))
        if self.style.counts_iterations:
            writer.quote(header)
        for number, (index, message) in enumerate(turns):
            writer.write("\n" if number else "")
            writer.write(f"{TOOL_RESPONSE_OPEN}\n")
            writer.quote(self._render_result(message.content or "", answers[index]))
            writer.write(f"\n{TOOL_RESPONSE_CLOSE}")
        if self.style.is_template and self.dialect is CHATML:
            # The template ends a tool turn so, and only a tool turn.
            writer.write(self.dialect.end if is_last else f"\n{self.dialect.end}")
        else:
            writer.write(f"\n{self.dialect.close}")

    def _render_result(self, content: str, call: ToolCall) -> str:
        if self.style.is_exact:
            return content
        if self.style.wraps_results:
            content = _wrap(content, call.name)
        return escape_response(content)


def _wrap(content: str, name: str) -> str:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = content
    if isinstance(value, dict) and value.keys() == {"name", "content"}:
        return content
    return render_json({"name": name, "content": value})
