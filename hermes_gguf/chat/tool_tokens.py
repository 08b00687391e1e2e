"""What tools cost: tokens that stand in every prompt in which they are shown.

A model reads each schema before it answers the first time, on a CPU for seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..messages import Tool, UserMessage
from .model import ChatModel

_QUESTION = (UserMessage("?"),)


@dataclass(frozen=True, slots=True)
class ToolTokens:
    """Tokens of a prompt that tools take.

    Attributes:
        each: For each tool, what it adds to a prompt that has another one already.
        together: All of them, with the text that explains how tools are called.
    """

    each: tuple[int, ...]
    together: int


def count_tool_tokens(model: ChatModel, tools: Sequence[Tool]) -> ToolTokens:
    """Count what each tool adds to the model's prompts.

    Args:
        model: The model that would read them.
        tools: What would be shown to it.
    """

    def count(shown: Sequence[Tool]) -> int:
        return model.engine.count_tokens(model.render(_QUESTION, tools=shown))

    def added(tool: Tool) -> int:
        other = Tool(f"other_{tool.name}")
        return count([other, tool]) - count([other])

    return ToolTokens(tuple(map(added, tools)), count(tools) - count(()))
