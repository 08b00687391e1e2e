"""Our events → the events of a Response stream, and the Response itself. Pure.

A reply that is not streamed is the same fold without the events on the way, so both
always say the same. It knows no HTTP.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...errors import HermesError, RequestError
from ...events import (
    Event,
    Finish,
    ReasoningDelta,
    TextDelta,
    TokenProb,
    ToolCallDelta,
    ToolCallEnded,
    ToolCallFailed,
    ToolCallStarted,
    Usage,
)
from ..errors import explained
from ..replies import timings_to_wire
from .output import (
    MESSAGE,
    REASONING,
    CallItem,
    OutputItem,
    Status,
    TextForm,
    TextItem,
)

Json = dict[str, Any]


class ResponseFold:
    """Folds the events of one answer.

    Attributes:
        response: The Response as it is now; complete after `Finish` was fed.
    """

    def __init__(self, head: Json, *, count_tokens: Callable[[str], int]) -> None:
        """Begin an answer.

        Args:
            head: All fields that are known before it.
            count_tokens: How many tokens a text has; asked for the reasoning's.
        """
        self._head = head
        self._count_tokens = count_tokens
        self._n_events = 0
        self._output: list[Json] = []
        self._item: OutputItem | None = None
        self.response = self._response("in_progress")

    def begin(self) -> Iterator[Json]:
        """The events before the answer."""
        yield self._numbered(_about("response.created", self.response))
        yield self._numbered(_about("response.in_progress", self.response))

    def feed(self, event: Event, *, warnings: Sequence[str] = ()) -> Iterator[Json]:
        """Take in the next event, and tell it; the last one carries `warnings`."""
        for told in self._take(event, warnings):
            yield self._numbered(told)

    def fail(self, error: HermesError) -> Iterator[Json]:
        """Tell that the answer ends here, and why."""
        code = "invalid_prompt" if isinstance(error, RequestError) else "server_error"
        if self._item is not None:
            self._output.append(self._item.to_wire("incomplete"))
        failure = {"code": code, "message": explained(error)}
        self.response = {**self._response("failed"), "error": failure}
        yield self._numbered(_about("response.failed", self.response))

    def _take(self, event: Event, warnings: Sequence[str]) -> Iterator[Json]:
        match event:
            case TextDelta(text, probs):
                yield from self._say(MESSAGE, text, probs)
            case ReasoningDelta(text):
                yield from self._say(REASONING, text)
            case ToolCallFailed(error, None):
                yield from self._say(MESSAGE, error.text)
            case ToolCallStarted(_, call_id, name):
                yield from self._close("completed")
                item = CallItem(_new_id("fc"), len(self._output), call_id, name)
                yield from self._open(item)
            case ToolCallDelta(_, fragment) if self._item is not None:
                yield from self._item.grow(fragment)
            case ToolCallEnded():
                yield from self._close("completed")
            case ToolCallFailed():
                yield from self._close("incomplete")
            case Finish():
                yield from self._finish(event, warnings)

    def _say(
        self, form: TextForm, text: str, probs: Sequence[TokenProb] = ()
    ) -> Iterator[Json]:
        item = self._item
        if not isinstance(item, TextItem) or item.form is not form:
            yield from self._close("completed")
            item = TextItem(form, _new_id(form.prefix), len(self._output))
            yield from self._open(item)
        if text:
            yield from item.grow(text, probs)

    def _open(self, item: OutputItem) -> Iterator[Json]:
        self._item = item
        yield from item.open()

    def _close(self, status: Status) -> Iterator[Json]:
        if self._item is not None:
            self._output.append(self._item.to_wire(status))
            yield from self._item.close(status)
        self._item = None

    def _finish(self, event: Finish, warnings: Sequence[str]) -> Iterator[Json]:
        is_cut = event.reason == "length"
        status: Status = "incomplete" if is_cut else "completed"
        if isinstance(self._item, CallItem):
            yield from self._close("incomplete")
        yield from self._close(status)
        if not is_cut and not self._has_answer():
            # An answer of no words is one too: agents wait for a message.
            yield from self._say(MESSAGE, "")
            yield from self._close(status)
        self.response = {
            **self._response(status),
            "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
            "usage": self._usage(event.usage),
            "timings": timings_to_wire(event.usage),
            **({"warnings": list(warnings)} if warnings else {}),
        }
        yield _about(f"response.{status}", self.response)

    def _has_answer(self) -> bool:
        return any(item["type"] != "reasoning" for item in self._output)

    def _usage(self, usage: Usage) -> Json:
        """Token counts in this API's shape; reasoning's are those of its text."""
        texts = [
            part["text"]
            for item in self._output
            if item["type"] == "reasoning"
            for part in item["content"]
        ]
        return {
            "input_tokens": usage.prompt_tokens,
            "input_tokens_details": {
                "cached_tokens": usage.cached_tokens,
                "cache_write_tokens": usage.prompt_tokens - usage.cached_tokens,
            },
            "output_tokens": usage.completion_tokens,
            "output_tokens_details": {
                "reasoning_tokens": sum(map(self._count_tokens, texts))
            },
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        }

    def _response(self, status: str) -> Json:
        return {
            **self._head,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "output": list(self._output),
            "usage": None,
        }

    def _numbered(self, event: Json) -> Json:
        number = self._n_events
        self._n_events += 1
        return {**event, "sequence_number": number}


def _about(kind: str, response: Json) -> Json:
    return {"type": kind, "response": response}


def _new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"
