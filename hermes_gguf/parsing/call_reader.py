"""Reads one call object, `{"name": ..., "arguments": {...}}`, piece by piece.

Both key orders, the aliases `parameters` and `args`, arguments as a JSON string and
OpenAI's `{"function": {...}}` nesting are understood. Where the object begins, and
what surrounds it, is the business of `call_block` and `bare_call`.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Literal, TypeAlias

from ..events import Event, ToolCallDelta, ToolCallEnded, ToolCallStarted
from ..messages import ToolCall
from .json_scanner import MAX_BAREWORD_CHARS, JsonScanner

_ARGUMENT_KEYS = ("arguments", "parameters", "args")
_KNOWN_KEYS = frozenset({"name", "id", "type", "function", *_ARGUMENT_KEYS})
_WHITESPACE = re.compile(r"\s+")

#: What of the object itself comes next.
_Expect: TypeAlias = Literal["open", "key", "colon", "value", "next"]


class CallReader:
    """Feed it text from the opening brace on, until it is `done` or has an `error`.

    It slices what it is fed, so feed it some thousand characters at a time.

    Attributes:
        name: The call's name, once it is known.
        done: The call is complete; `rest` holds what was fed beyond it.
        error: Why this is no call, or None; `error_at` is its offset in characters.
        foreign_key: A key that no call has was seen.
        rest: Text behind the object, once `done`.
    """

    def __init__(self, *, index: int, call_id: str) -> None:
        self.name: str | None = None
        self.done = False
        self.error: str | None = None
        self.error_at = 0
        self.foreign_key = False
        self.rest = ""
        self._index, self._id = index, call_id
        self._buffer, self._before = "", 0
        self._expect: _Expect = "open"
        self._nested = 0
        self._key = ""
        self._scanner: JsonScanner | None = None
        self._scanner_from = 0
        self._streams = False
        self._value: list[str] = []
        self._arguments: list[str] = []
        self._has_arguments = False
        self._sent = 0
        self._events: list[Event] = []

    def feed(self, text: str) -> list[Event]:
        """Read on, and return the events that are certain by now."""
        self._buffer += text
        while self._buffer and not self.done and self.error is None:
            if self._scanner is not None:
                self._scan(self._scanner)
            else:
                self._structure()
        if self.done:
            self.rest, self._buffer = self._buffer, ""
        self._send_arguments()
        events, self._events = self._events, []
        return events

    def _fail(self, problem: str, *, at: int | None = None) -> None:
        self.error = problem
        self.error_at = self._before if at is None else at

    def _skip(self, n_chars: int) -> None:
        self._buffer = self._buffer[n_chars:]
        self._before += n_chars

    def _structure(self) -> None:
        """Read one token of the object itself: white space, a bracket, `:` or `,`."""
        if space := _WHITESPACE.match(self._buffer):
            self._skip(space.end())
            return
        char = self._buffer[0]
        if self._expect == "value":
            self._begin_value(char)
        elif char == "}" and self._expect in ("key", "next"):
            self._skip(1)
            self._close()
        elif self._expect == "key" and char in "\"'":
            self._begin_scan()
        elif (self._expect, char) in _STEPS:
            self._expect = _STEPS[self._expect, char]
            self._skip(1)
        else:
            self._fail(f"{char!r} stands where {_WANTED[self._expect]} should")

    def _begin_value(self, char: str) -> None:
        if char == "{" and self._key == "function":
            self._nested += 1
            self._expect = "key"
            self._skip(1)
            return
        is_arguments = self._key in _ARGUMENT_KEYS
        if (is_arguments and self._has_arguments) or (
            self._key == "name" and self.name
        ):
            self._fail(f"the key {self._key!r} stands twice")
            return
        self._streams = is_arguments and char == "{"
        self._has_arguments |= is_arguments
        self._begin_scan()

    def _begin_scan(self) -> None:
        self._scanner = JsonScanner()
        self._scanner_from = self._before
        self._value = []

    def _scan(self, scanner: JsonScanner) -> None:
        fed, self._buffer = self._buffer, ""
        text = scanner.feed(fed)
        self._before += len(fed) - len(scanner.rest)
        (self._arguments if self._streams else self._value).append(text)
        if scanner.error is not None:
            self._fail(scanner.error, at=self._scanner_from + scanner.error_at)
        elif scanner.done:
            self._buffer, self._scanner = scanner.rest, None
            self._end_scan()

    def _end_scan(self) -> None:
        if self._expect == "key":
            self._key = json.loads("".join(self._value))
            self.foreign_key |= self._key not in _KNOWN_KEYS
            self._expect = "colon"
            return
        self._expect = "next"
        if self._streams:
            self._streams = False
        elif self._key == "name":
            self._set_name(json.loads("".join(self._value)))
        elif self._key in _ARGUMENT_KEYS:
            self._set_arguments(json.loads("".join(self._value)))

    def _set_name(self, name: object) -> None:
        if not isinstance(name, str) or not name:
            self._fail("the name is no text", at=self._scanner_from)
            return
        self.name = name
        self._events.append(ToolCallStarted(self._index, self._id, name))

    def _set_arguments(self, value: object) -> None:
        if value is None or value == "":
            self._arguments = ["{}"]
            return
        if isinstance(value, str) and (text := _object_text(value)) is not None:
            self._arguments = [text]
            return
        self._fail("the arguments are no JSON object", at=self._scanner_from)

    def _close(self) -> None:
        if self._nested:
            self._nested -= 1
            self._expect = "next"
            return
        if self.name is None:
            self._fail("the call has no name", at=self._before - 1)
            return
        if not self._has_arguments:
            self._arguments = ["{}"]
        self._send_arguments()
        raw = "".join(self._arguments)
        arguments = json.loads(raw, parse_float=_read_float)
        call = ToolCall(self.name, arguments, self._id, raw)
        self._events.append(ToolCallEnded(self._index, call))
        self.done = True

    def _send_arguments(self) -> None:
        if self.name is None:
            return
        fresh = "".join(self._arguments[self._sent :])
        self._sent = len(self._arguments)
        if fresh:
            self._events.append(ToolCallDelta(self._index, fresh))


_STEPS: dict[tuple[_Expect, str], _Expect] = {
    ("open", "{"): "key",
    ("colon", ":"): "value",
    ("next", ","): "key",
}
_WANTED: dict[_Expect, str] = {
    "open": "'{'",
    "key": "a key in quotes",
    "colon": "':'",
    "next": "',' or '}'",
}


def _read_float(text: str) -> float | int:
    """The number; one that no float can hold is an integer, so it stays exact."""
    value = float(text)
    if math.isfinite(value):
        return value
    exact = Decimal(text)
    return int(exact) if exact.adjusted() <= MAX_BAREWORD_CHARS else value


def _object_text(text: str) -> str | None:
    """The strict JSON of a text that is one JSON object, else None."""
    stripped = text.strip()
    scanner = JsonScanner()
    strict = scanner.feed(stripped) + scanner.flush()
    is_object = scanner.done and not scanner.rest and strict.startswith("{")
    return strict if is_object else None
