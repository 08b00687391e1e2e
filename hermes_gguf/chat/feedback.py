"""The turns that this program writes itself, to tell a model what it did wrong.

A tool message answers a call. Where there is none (a call that could not be read, JSON
that breaks its schema), the reason stands in a turn of the person's, as a tool's
response. Knows how such a turn is written and recognized; the wordings are `prompt`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..messages import AssistantMessage, Message, UserMessage
from ..tags import TOOL_CALL_OPEN, TOOL_RESPONSE_CLOSE, TOOL_RESPONSE_OPEN


def feedback_turn(text: str) -> UserMessage:
    """The turn that tells the model `text`."""
    return UserMessage(f"{TOOL_RESPONSE_OPEN}\n{text}\n{TOOL_RESPONSE_CLOSE}")


def is_feedback(message: UserMessage, before: Message | None) -> bool:
    """Whether we wrote this turn, about a call that could not be read.

    Args:
        message: The turn.
        before: The message before it; None when it is the first.
    """
    return (
        isinstance(before, AssistantMessage)
        and message.content.startswith(f"{TOOL_RESPONSE_OPEN}\n")
        and TOOL_CALL_OPEN in before.content
    )


def turn_starts(messages: Sequence[Message]) -> list[int]:
    """Where in a conversation each turn of the person begins."""
    return [
        at
        for at, message in enumerate(messages)
        if isinstance(message, UserMessage)
        and not is_feedback(message, messages[at - 1] if at else None)
    ]
