"""Checks that a conversation is one: every message may stand where it stands.

Knows the order of turns and the ids of calls. Does not look into contents, and
does not check arguments against a tool's schema.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import MessageError
from ..messages import AssistantMessage, Message, ToolCall, ToolMessage


class _OpenCalls:
    """The calls of the latest assistant turn that still wait for a result."""

    def __init__(self) -> None:
        self.waiting: list[ToolCall] = []
        self.answered_ids: set[str] = set()

    def ask(self, calls: Sequence[ToolCall]) -> None:
        self.waiting = list(calls)
        self.answered_ids = set()

    def answer(self, message: ToolMessage, index: int) -> ToolCall:
        # By its place: one call may stand there twice, and equal ones differ in ids.
        call = self.waiting.pop(self._find(message, index))
        if call.id:
            self.answered_ids.add(call.id)
        return call

    def _find(self, message: ToolMessage, index: int) -> int:
        """The place of the call that a result answers."""
        wanted = message.call_id
        if wanted and wanted in self.answered_ids:
            raise MessageError(f"call {wanted!r} has a result already", index=index)
        if not self.waiting:
            raise MessageError(
                "a tool result without a tool call before it", index=index
            )
        places = range(len(self.waiting))
        if not wanted:
            named = (n for n in places if self.waiting[n].name == message.name)
            return next(named, 0)
        for call_id in (wanted, ""):
            for n in places:
                if self.waiting[n].id == call_id:
                    return n
        ids = ", ".join(repr(call.id) for call in self.waiting)
        raise MessageError(
            f"no call has the id {wanted!r}; waiting for a result: {ids}", index=index
        )


def check_turns(
    messages: Sequence[Message], *, expects_answer: bool = True
) -> dict[int, ToolCall]:
    """Return which call each tool message answers, by the message's index.

    Args:
        messages: The conversation.
        expects_answer: Whether the model is to speak next, so that no call may
            still wait for its result at the end.

    Raises:
        MessageError: The conversation is empty, a content is no text, a tool
            result has no call, names an unknown call or comes twice, or a call
            never gets its result.
    """
    if not messages:
        raise MessageError("the conversation is empty", index=0)
    open_calls = _OpenCalls()
    answers: dict[int, ToolCall] = {}
    asked_at = 0
    for index, message in enumerate(messages):
        _check_text(message, index)
        if isinstance(message, ToolMessage):
            answers[index] = open_calls.answer(message, index)
            continue
        _require_answered(open_calls, asked_at)
        open_calls.ask(())
        if isinstance(message, AssistantMessage):
            open_calls.ask(message.tool_calls)
            asked_at = index
    if expects_answer:
        _require_answered(open_calls, asked_at)
    return answers


def _check_text(message: Message, index: int) -> None:
    try:
        (message.content or "").encode()
    except UnicodeEncodeError as error:
        where = f"at character {error.start}"
        problem = f"its text has half a surrogate pair, or bytes not in UTF-8, {where}"
        raise MessageError(problem, index=index) from error
    except AttributeError as error:
        raise MessageError("its content is no text", index=index) from error


def _require_answered(open_calls: _OpenCalls, asked_at: int) -> None:
    for call in open_calls.waiting:
        name = f"{call.name!r} ({call.id})" if call.id else repr(call.name)
        raise MessageError(
            f"the call of {name} has no result",
            index=asked_at,
            hint="put the call's result right after the call",
        )
