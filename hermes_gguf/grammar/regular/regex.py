r"""Reads ECMA-262 regular expressions as JSON Schema uses them.

The Unicode grammar is read with the leniencies of the web (Annex B): `\-` or `\@`
stand for themselves, a lone `{`, `}` or `]` is literal. What no finite automaton can
decide (backreferences) is refused by name. Knows nothing of automata.

Source: ECMA-262, "Patterns", and Annex B "Regular Expressions Patterns".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NoReturn

from ..scalars import Ranges, complement, normalize, of_code, union
from .classes import DIGIT, DOT, SPACE, WORD
from .errors import (
    PatternSyntaxError,
    UnsupportedPatternError,
)
from .properties import property_ranges
from .syntax import (
    Alt,
    Assert,
    Cat,
    Look,
    Regex,
    Rep,
    Set,
)

_CLASS_ESCAPES = {"d": DIGIT, "w": WORD, "s": SPACE}
_CONTROL_ESCAPES = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_QUANTIFIER = re.compile(r"[*+?]|\{(\d+)(?:(,)(\d*))?\}")
_LOOKS = {
    "?=": (False, False),
    "?!": (False, True),
    "?<=": (True, False),
    "?<!": (True, True),
}
_GROUP_NAME = re.compile(r"\?<[\w$]+>")


@lru_cache(maxsize=2048)
def parse_regex(pattern: str) -> Regex:
    """The expression as a tree.

    Raises:
        PatternSyntaxError: it is no regular expression.
        UnsupportedPatternError: it uses what no finite automaton can decide.
    """
    return _Parser(pattern).parse()


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.depth = 0
        #: What each class of characters means, by its text.
        self.sets: dict[str, Set] = {}

    def fail(self, problem: str, at: int | None = None) -> NoReturn:
        position = self.at if at is None else at
        raise PatternSyntaxError(problem, pattern=self.text, position=position)

    def refuse(self, feature: str, at: int) -> NoReturn:
        raise UnsupportedPatternError(feature, pattern=self.text, position=at)

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.peek(text):
            self.at += len(text)
            return True
        return False

    def parse(self) -> Regex:
        node = self.alternatives()
        if self.at < len(self.text):
            self.fail("unmatched )")
        return node

    def alternatives(self) -> Regex:
        self.depth += 1
        if self.depth > 100:
            self.refuse("nesting deeper than 100 groups", self.at)
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Alt(tuple(options))

    def sequence(self) -> Regex:
        parts: list[Regex] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            node = self.quantified()
            parts.extend(node.parts if isinstance(node, Cat) else [node])
        return parts[0] if len(parts) == 1 else Cat(tuple(parts))

    def quantified(self) -> Regex:
        begin = self.at
        node = self.atom()
        found = _QUANTIFIER.match(self.text, self.at)
        if not found:
            return node
        if isinstance(node, Assert) or (isinstance(node, Look) and node.behind):
            self.fail("nothing to repeat", begin)
        self.at = found.end()
        low, high = self.bounds(found)
        self.take("?")  # lazy: the same language
        if self.at < len(self.text) and self.text[self.at] in "*+?":
            self.fail("nothing to repeat")
        return Rep(node, low, high)

    def bounds(self, found: re.Match[str]) -> tuple[int, int | None]:
        match found[0]:
            case "*":
                return 0, None
            case "+":
                return 1, None
            case "?":
                return 0, 1
        low = int(found[1])
        high = low if not found[2] else int(found[3]) if found[3] else None
        if high is not None and high < low:
            self.fail("numbers out of order in {}", found.start())
        return low, high

    def atom(self) -> Regex:
        char = self.text[self.at]
        match char:
            case "(":
                return self.group()
            case "[":
                return self.char_set()
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                self.fail("nothing to repeat")
        self.at += 1
        match char:
            case ".":
                return Set(DOT)
            case "^":
                return Assert("start")
            case "$":
                return Assert("end")
        return Set(of_code(ord(char)))

    def group(self) -> Regex:
        begin = self.at
        self.at += 1
        look: tuple[bool, bool] | None = None
        if self.peek("?"):
            look = self.group_head(begin)
        node = self.alternatives()
        if not self.take(")"):
            self.fail("missing )", begin)
        if look is not None:
            return Look(node, behind=look[0], negative=look[1])
        # A group is one atom whatever it holds, and may be repeated.
        return node if isinstance(node, Set | Alt | Rep) else Rep(node, 1, 1)

    def group_head(self, begin: int) -> tuple[bool, bool] | None:
        for head, look in _LOOKS.items():
            if self.take(head):
                return look
        if self.take("?:"):
            return None
        if name := _GROUP_NAME.match(self.text, self.at):
            self.at = name.end()
            return None
        if re.compile(r"\?[a-zA-Z-]+[:)]").match(self.text, self.at):
            self.refuse("an inline flag", begin)
        self.fail("invalid group", begin)

    def escape(self) -> Regex:
        begin = self.at
        follow = self.text[begin + 1 : begin + 2]
        if follow in ("b", "B"):
            self.at += 2
            return Assert("word" if follow == "b" else "not word")
        if follow and follow in "123456789":
            self.refuse("a backreference", begin)
        if follow == "k" and self.text.startswith("<", begin + 2):
            self.refuse("a backreference", begin)
        return Set(self.set_escape())

    def set_escape(self) -> Ranges:
        r"""After a backslash: a class such as \d, or one character."""
        follow = self.text[self.at + 1 : self.at + 2]
        if follow and follow in "dwsDWS":
            self.at += 2
            ranges = _CLASS_ESCAPES[follow.lower()]
            return ranges if follow.islower() else complement(ranges)
        if follow in ("p", "P") and self.text.startswith("{", self.at + 2):
            return self.property_escape(negated=follow == "P")
        code = self.char_escape()
        return normalize([(code, code)])

    def property_escape(self, *, negated: bool) -> Ranges:
        begin = self.at
        end = self.text.find("}", begin)
        if end < 0:
            self.fail("missing }", begin)
        name = self.text[begin + 3 : end]
        ranges = property_ranges(name)
        if ranges is None:
            self.refuse(f"the Unicode property {name!r}", begin)
        self.at = end + 1
        return complement(ranges) if negated else ranges

    def char_escape(self) -> int:
        begin = self.at
        self.at += 2
        if begin + 1 >= len(self.text):
            self.fail("a pattern cannot end with a backslash", begin)
        follow = self.text[begin + 1]
        if follow in _CONTROL_ESCAPES:
            return _CONTROL_ESCAPES[follow]
        if follow == "0" and not self.text[self.at : self.at + 1].isdigit():
            return 0
        if follow == "c" and (m := re.compile(r"[A-Za-z]").match(self.text, self.at)):
            self.at += 1
            return ord(m[0]) % 32
        if follow in "xu":
            return self.hex_escape(follow)
        if follow.isascii() and follow.isalnum():
            self.fail(f"unknown escape \\{follow}", begin)
        return ord(follow)

    def hex_escape(self, kind: str) -> int:
        digits = r"[0-9a-fA-F]{2}" if kind == "x" else r"[0-9a-fA-F]{4}"
        if found := re.compile(digits).match(self.text, self.at):
            self.at = found.end()
            return self.low_surrogate(int(found[0], 16))
        braces = re.compile(r"\{([0-9a-fA-F]+)\}").match(self.text, self.at)
        if kind == "u" and braces and int(braces[1], 16) <= 0x10FFFF:
            self.at = braces.end()
            return int(braces[1], 16)
        self.fail(f"incomplete escape \\{kind}", self.at - 2)

    def low_surrogate(self, code: int) -> int:
        if 0xD800 <= code < 0xDC00:
            low = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})").match(
                self.text, self.at
            )
            if low:
                self.at = low.end()
                return 0x10000 + ((code - 0xD800) << 10) + int(low[1], 16) - 0xDC00
        return code

    def char_set(self) -> Set:
        """A class; long expressions repeat theirs, and each is read once."""
        begin = self.at
        known = self.sets.get(self.text[begin : self.text.find("]", begin) + 1])
        if known is None:
            known = Set(self.char_class())
            self.sets[self.text[begin : self.at]] = known
        else:
            self.at = self.text.index("]", begin) + 1
        return known

    def char_class(self) -> Ranges:
        begin = self.at
        self.at += 1
        negated = self.take("^")
        sets: list[Ranges] = []
        while not self.take("]"):
            if self.at >= len(self.text):
                self.fail("missing ]", begin)
            sets.append(self.class_item())
        ranges = union(*sets) if sets else ()
        return complement(ranges) if negated else ranges

    def class_item(self) -> Ranges:
        begin = self.at
        low = self.class_atom()
        after = self.text[self.at + 1 : self.at + 2]
        if not self.peek("-") or after in ("]", ""):
            return low if isinstance(low, tuple) else of_code(low)
        self.at += 1
        high = self.class_atom()
        if isinstance(low, tuple) or isinstance(high, tuple):
            # Annex B: [\w-.] is the class, the hyphen and the dot.
            both = [s if isinstance(s, tuple) else ((s, s),) for s in (low, high)]
            return union(*both, ((0x2D, 0x2D),))
        if high < low:
            self.fail("range out of order in a class", begin)
        return normalize([(low, high)])

    def class_atom(self) -> int | Ranges:
        if not self.peek("\\"):
            self.at += 1
            return ord(self.text[self.at - 1])
        follow = self.text[self.at + 1 : self.at + 2]
        if follow == "b":
            self.at += 2
            return 8
        if follow == "B":
            self.fail("unknown escape \\B in a class")
        if follow and follow in "dwsDWSpP":
            return self.set_escape()
        return self.char_escape()
