"""A position in GBNF text, and the smallest things that can be read there.

Characters, escapes, classes, literals, names, numbers, blanks and comments, each
with the place in the error. What they mean together is `gbnf_parser`'s business.

Source: `parse_char`, `parse_hex`, `parse_space` in src/llama-grammar.cpp.
"""

from __future__ import annotations

from typing import NoReturn

from ..errors import GrammarSyntaxError
from .gbnf import MAX_CODE_POINT, Chars, CodeRange
from .scalars import merge

_ESCAPES = {"t": "\t", "r": "\r", "n": "\n"} | {c: c for c in '\\"[]-'}
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_HEX = frozenset("0123456789abcdefABCDEF")
_DIGITS = frozenset("0123456789")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


class Cursor:
    """Reads forward through one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.position = 0

    @property
    def ended(self) -> bool:
        """Whether everything was read."""
        return self.position >= len(self._text)

    def fail(self, problem: str, position: int | None = None) -> NoReturn:
        """Raise a GrammarSyntaxError for a place, by default the current one."""
        at = self.position if position is None else position
        line = self._text.count("\n", 0, at) + 1
        column = at - (self._text.rfind("\n", 0, at) + 1) + 1
        raise GrammarSyntaxError(problem, line=line, column=column)

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self._text[self.position : self.position + 1]

    def take(self, mark: str) -> bool:
        """Read `mark` if it is next."""
        if not self._text.startswith(mark, self.position):
            return False
        self.position += len(mark)
        return True

    def take_newline(self) -> bool:
        r"""Read one line end: \n, \r or \r\n."""
        return self.take("\r\n") or self.take("\n") or self.take("\r")

    def skip_space(self, *, newlines: bool) -> None:
        """Skip blanks and comments, and line ends when they mean nothing here."""
        blanks = " \t\r\n" if newlines else " \t"
        while char := self.peek():
            if char == "#":
                while self.peek() not in ("", "\r", "\n"):
                    self.position += 1
            elif char in blanks:
                self.position += 1
            else:
                return

    def at_name(self) -> bool:
        """Whether a rule's name is next."""
        return self.peek() in _NAME

    def take_name(self) -> str:
        """Read a rule's name."""
        return self._take_run(_NAME, "a rule's name (letters, digits and -)")

    def take_int(self) -> int:
        """Read a number without sign."""
        digits = self._take_run(_DIGITS, "a number")
        if len(digits) > 18:
            self.fail("the number is too large")
        return int(digits)

    def _take_run(self, allowed: frozenset[str], what: str) -> str:
        start = self.position
        while self.peek() in allowed:
            self.position += 1
        if start == self.position:
            self.fail(f"expected {what}")
        return self._text[start : self.position]

    def take_literal(self) -> str:
        """Read a text in double quotes."""
        start = self.position
        self.take('"')
        out: list[str] = []
        while not self.take('"'):
            if self.ended:
                self.fail("the text is not closed", start)
            out.append(self._take_char())
        return "".join(out)

    def take_class(self) -> Chars:
        """Read a class in square brackets."""
        start = self.position
        self.take("[")
        negated = self.take("^")
        ranges: list[CodeRange] = []
        while not self.take("]"):
            if self.ended:
                self.fail("the class is not closed", start)
            low = high = ord(self._take_char())
            if self.peek() == "-" and not self._text.startswith("-]", self.position):
                self.take("-")
                if self.ended:
                    self.fail("the class is not closed", start)
                high = ord(self._take_char())
            ranges.append((low, high))
        merged = merge(ranges)
        if ranges and negated and not merged:
            return Chars(((0, MAX_CODE_POINT),))
        if not merged:
            self.fail("the class is empty", start)
        return Chars(merged, negated)

    def _take_char(self) -> str:
        start = self.position
        char = self.peek()
        self.position += 1
        if char != "\\":
            return char
        kind = self.peek()
        self.position += 1
        if kind in _HEX_DIGITS:
            return self._take_hex(_HEX_DIGITS[kind], start)
        if kind not in _ESCAPES:
            self.fail(f"unknown escape \\{kind}", start)
        return _ESCAPES[kind]

    def _take_hex(self, n_digits: int, start: int) -> str:
        digits = self._text[self.position : self.position + n_digits]
        if len(digits) < n_digits or not _HEX.issuperset(digits):
            self.fail(f"expected {n_digits} hexadecimal digits", start)
        self.position += n_digits
        code = int(digits, 16)
        if code > MAX_CODE_POINT:
            self.fail("there is no such Unicode character", start)
        return chr(code)
