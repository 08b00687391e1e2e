"""Reads one JSON value out of text that arrives in pieces, and writes strict JSON.

What models write is often nearly JSON: Python's quotes and literals, raw newlines in
strings, stray backslashes, a comma too many. All of that is mended on the way, so
that the output parses with any JSON parser; JSON that is already strict comes out
unchanged. Knows nothing of tool calls.
"""

from __future__ import annotations

import json
import re
from typing import Literal, TypeAlias

#: Deeper nesting is refused: Python's own parser would hit the recursion limit.
MAX_DEPTH = 200
#: Longer numbers are refused: Python reads no integer of more than 4,300 digits.
MAX_BAREWORD_CHARS = 4300

_WHITESPACE = re.compile(r"[ \t\r\n]+")
_BAREWORD = re.compile(r"[^\s,:{}\[\]\"'<`]+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LITERALS = {
    "true": "true",
    "false": "false",
    "null": "null",
    "True": "true",
    "False": "false",
    "None": "null",
}
_STRING_RUN = re.compile(r"[^\"'\\\x00-\x1f\ud800-\udfff]+")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|.)",
    re.DOTALL,
)
#: The beginning of an escape that could still grow.
_UNFINISHED_ESCAPE = re.compile(
    r"\\(?:u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?|U[0-9a-fA-F]{0,7}"
    r"|u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?\Z"
)
_CLOSER = {"{": "}", "[": "]"}

#: What comes next; `item` and `key` may also be the end of what is open.
_Expect: TypeAlias = Literal["value", "item", "key", "colon", "next"]


class JsonScanner:
    """Feed it text from the first character of a value on, until it is `done`.

    Attributes:
        done: The value is complete; `rest` holds what was fed beyond it.
        error: Why this is no JSON value, or None. Nothing is read after an error.
        error_at: Characters before the error.
        rest: Text behind the value, once `done`.
    """

    def __init__(self) -> None:
        self.done = False
        self.error: str | None = None
        self.error_at = 0
        self.rest = ""
        self._buffer = ""
        self._before = 0
        self._final = False
        self._stack: list[str] = []
        self._quote = ""
        self._expect: _Expect = "value"
        self._comma: list[str] = []

    def feed(self, text: str) -> str:
        """Read on, and return the strict JSON text of what is certain by now."""
        self._buffer += text
        out: list[str] = []
        at = 0
        while at < len(self._buffer) and not self.done and self.error is None:
            after = self._in_string(at, out) if self._quote else self._token(at, out)
            if after == at:
                break
            at = after
        self._before += at
        self._buffer = self._buffer[at:]
        if self.done:
            self.rest, self._buffer = self._buffer, ""
        return "".join(out)

    def flush(self) -> str:
        """Read what was held back; an incomplete value becomes an error."""
        self._final = True
        out = self.feed("")
        if not self.done and self.error is None:
            self._fail("the JSON is cut off before its end", len(self._buffer))
        return out

    def _fail(self, problem: str, at: int) -> int:
        self.error, self.error_at = problem, self._before + at
        return at

    def _value_ended(self) -> None:
        self._expect = "next"
        self.done = not self._stack

    def _in_string(self, at: int, out: list[str]) -> int:
        if run := _STRING_RUN.match(self._buffer, at):
            out.append(run.group())
            return run.end()
        char = self._buffer[at]
        if char == self._quote:
            self._end_string(out)
        elif char == "\\":
            return self._escape(at, out)
        elif char == "'":
            out.append(char)
        else:
            # A raw control character, a quote of the other kind, half a code point.
            fixed = "\ufffd" if "\ud800" <= char <= "\udfff" else char
            out.append(json.dumps(fixed, ensure_ascii=False)[1:-1])
        return at + 1

    def _end_string(self, out: list[str]) -> None:
        out.append('"')
        self._quote = ""
        if self._expect == "key":
            self._expect = "colon"
        else:
            self._value_ended()

    def _escape(self, at: int, out: list[str]) -> int:
        if not self._final and _UNFINISHED_ESCAPE.match(self._buffer, at):
            return at
        escape = _ESCAPE.match(self._buffer, at)
        if escape is None:
            return at
        out.append(_strict_escape(escape.group()))
        return escape.end()

    def _token(self, at: int, out: list[str]) -> int:
        if space := _WHITESPACE.match(self._buffer, at):
            (self._comma if self._comma else out).append(space.group())
            return space.end()
        char = self._buffer[at]
        if self._expect == "colon":
            if char != ":":
                return self._fail("a ':' is missing after a key", at)
            out.append(char)
            self._expect = "value"
            return at + 1
        if char in "}]":
            return self._close(char, at, out)
        if self._expect == "next":
            return self._next(char, at)
        return self._open(char, at, out)

    def _close(self, char: str, at: int, out: list[str]) -> int:
        if not self._stack or _CLOSER[self._stack[-1]] != char:
            return self._fail(f"{char!r} closes nothing", at)
        empty_or_comma = self._expect in ("key", "item")
        if self._expect != "next" and not empty_or_comma:
            return self._fail("a value is missing", at)
        # A comma before the closer is dropped, the white space behind it is kept.
        out.extend(self._comma[1:])
        self._comma.clear()
        out.append(char)
        self._stack.pop()
        self._value_ended()
        return at + 1

    def _next(self, char: str, at: int) -> int:
        if char != ",":
            return self._fail(f"{char!r} stands where a comma or the end should", at)
        self._comma.append(char)
        self._expect = "key" if self._stack[-1] == "{" else "item"
        return at + 1

    def _open(self, char: str, at: int, out: list[str]) -> int:
        if char in "\"'":
            self._let_comma_out(out)
            self._quote = char
            out.append('"')
            return at + 1
        if self._expect == "key":
            return self._fail("a key in quotes is missing", at)
        if char in "{[":
            if len(self._stack) == MAX_DEPTH:
                return self._fail(f"nested deeper than {MAX_DEPTH} levels", at)
            self._let_comma_out(out)
            self._stack.append(char)
            self._expect = "key" if char == "{" else "item"
            out.append(char)
            return at + 1
        return self._bareword(at, out)

    def _bareword(self, at: int, out: list[str]) -> int:
        word = _BAREWORD.match(self._buffer, at)
        if word is None:
            return self._fail(f"{self._buffer[at]!r} begins no JSON value", at)
        if word.end() - at > MAX_BAREWORD_CHARS:
            return self._fail("a number is too long", at)
        if word.end() == len(self._buffer) and not self._final:
            return at
        text = word.group()
        strict = text if _NUMBER.fullmatch(text) else _LITERALS.get(text)
        if strict is None:
            return self._fail(f"{text[:40]!r} is no JSON value", at)
        self._let_comma_out(out)
        out.append(strict)
        self._value_ended()
        return word.end()

    def _let_comma_out(self, out: list[str]) -> None:
        out.extend(self._comma)
        self._comma.clear()


def _strict_escape(escape: str) -> str:
    kind = escape[1]
    if len(escape) == 2:
        if kind in '"\\/bfnrt':
            return escape
        if kind == "'":
            return "'"
        # No escape at all (a regex, a Windows path): the backslash is meant.
        return "\\\\" + json.dumps(kind, ensure_ascii=False)[1:-1]
    if len(escape) == 12:
        return escape
    code = int(escape[2:], 16)
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return "\\ufffd"
    return escape if kind == "u" else json.dumps(chr(code))[1:-1]
