"""Reads GBNF text into nodes, accepting what llama.cpp accepts and no more.

It is stricter in a few places, never laxer: token literals (`<think>`,
`<[1000]>`), an empty class, code points that Unicode lacks, a repetition whose
maximum is below its minimum, and left recursion through rules that may be empty are
refused. Errors say where.

Source: grammars/README.md and `llama_grammar_parser` in src/llama-grammar.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass

from .gbnf import (
    MAX_CODE_POINT,
    Chars,
    Choice,
    GbnfGrammar,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
)
from .gbnf_check import analyse
from .gbnf_cursor import Cursor

#: llama.cpp refuses repetitions that would make more rules than this.
MAX_REPETITIONS = 2000
#: Groups inside of groups; llama.cpp's own parser recurses for each.
MAX_GROUP_DEPTH = 150

ANY_CHAR = Chars(((0, MAX_CODE_POINT),))
_MARKS: dict[str, tuple[int, int | None]] = {
    "*": (0, None),
    "+": (1, None),
    "?": (0, 1),
}
_BLANK_REPEATED = "what is repeated without limit has an empty alternative"


def parse_gbnf(text: str) -> GbnfGrammar:
    """The grammar that `text` spells.

    A rule that is defined twice has its last body, as in llama.cpp.

    Raises:
        GrammarSyntaxError: `text` is no GBNF, lacks `root`, refers to a rule that is
            not there, or recurses on the left.
    """
    parser = _Parser(Cursor(text))
    parser.parse()
    parser.check()
    return GbnfGrammar(parser.rules)


@dataclass(frozen=True, slots=True)
class _Element:
    """One symbol of a sequence, with what a repetition must know of it.

    Attributes:
        weight: How many rules llama.cpp makes of it (`n_prev_rules`).
        is_nothing: Whether llama.cpp makes no element of it.
        may_be_blank: Whether it is a rule with an alternative without elements.
        rule: The rule that it names, if that is all that it does.
    """

    node: Node
    weight: int = 1
    is_nothing: bool = False
    may_be_blank: bool = False
    rule: str | None = None


class _Parser:
    def __init__(self, cursor: Cursor) -> None:
        self.at = cursor
        self.rules: dict[str, Node] = {}
        self._where: dict[str, int] = {}
        self._blank_rules: dict[str, bool] = {}
        self._ref_positions: dict[str, int] = {}
        self._repeated_refs: list[tuple[str, int]] = []
        self._symbols: set[str] = set()
        self._n_generated = 0
        self._depth = 0

    def parse(self) -> None:
        self.at.skip_space(newlines=True)
        while not self.at.ended:
            self._parse_rule()

    def check(self) -> None:
        """Raise for what can only be seen when all rules are known."""
        if "root" not in self.rules:
            self.at.fail("there is no rule named root", position=0)
        for name, position in self._ref_positions.items():
            if name not in self.rules:
                self.at.fail(f"the rule {name!r} is not defined", position=position)
        facts = analyse(self.rules)
        if facts.left_recursive:
            cycle = " -> ".join([*facts.left_recursive, facts.left_recursive[0]])
            position = self._where[facts.left_recursive[0]]
            self.at.fail(f"left recursion: {cycle}", position=position)
        for name, position in self._repeated_refs:
            if self._blank_rules[name]:
                self.at.fail(_BLANK_REPEATED, position)
        if "root" not in facts.productive:
            self.at.fail("root matches no text", position=self._where["root"])

    def _parse_rule(self) -> None:
        position = self.at.position
        name = self.at.take_name()
        self._symbols.add(name)
        self.at.skip_space(newlines=False)
        if not self.at.take("::="):
            self.at.fail("expected ::= after the rule's name")
        self.at.skip_space(newlines=True)
        body, self._blank_rules[name] = self._parse_alternates(nested=False)
        self.rules[name] = body
        self._where[name] = position
        if not self.at.ended and not self.at.take_newline():
            self.at.fail(f"expected a newline, found {self.at.peek()!r}")
        self.at.skip_space(newlines=True)

    def _parse_alternates(self, *, nested: bool) -> tuple[Node, bool]:
        """The options, and whether one of them has no elements."""
        option, blank = self._parse_sequence(nested=nested)
        options = [option]
        while self.at.take("|"):
            self.at.skip_space(newlines=True)
            option, also_blank = self._parse_sequence(nested=nested)
            options.append(option)
            blank = blank or also_blank
        return (option if len(options) == 1 else Choice(tuple(options))), blank

    def _parse_sequence(self, *, nested: bool) -> tuple[Node, bool]:
        elements: list[_Element] = []
        while (char := self.at.peek()) and char not in "|)\r\n":
            position = self.at.position
            if char in "*+?{":
                low, high = self._parse_bounds(nested=nested)
                if not elements or elements[-1].is_nothing:
                    self.at.fail(f"nothing to repeat before {char}", position)
                elements[-1] = self._repeated(elements[-1], low, high, position)
            else:
                elements.append(self._parse_element(char))
            self.at.skip_space(newlines=nested)
        nodes = tuple(e.node for e in elements)
        node = nodes[0] if len(nodes) == 1 else Sequence(nodes)
        return node, all(e.is_nothing for e in elements)

    def _parse_element(self, char: str) -> _Element:
        position = self.at.position
        if char == '"':
            text = self.at.take_literal()
            return _Element(Literal(text), is_nothing=not text)
        if char == "[":
            return _Element(self.at.take_class())
        if char == "(":
            return self._parse_group()
        if self.at.take("."):
            return _Element(ANY_CHAR)
        if char in "<!":
            self.at.fail(
                "token literals are not supported; put the text in double quotes"
            )
        if not self.at.at_name():
            self.at.fail(f"unexpected {char!r}")
        name = self.at.take_name()
        self._symbols.add(name)
        self._ref_positions.setdefault(name, position)
        return _Element(RuleRef(name), rule=name)

    def _parse_group(self) -> _Element:
        if self._depth >= MAX_GROUP_DEPTH:
            self.at.fail(f"groups nest deeper than {MAX_GROUP_DEPTH}")
        self._depth += 1
        self.at.take("(")
        self.at.skip_space(newlines=True)
        before = self._n_symbols
        self._n_generated += 1
        node, blank = self._parse_alternates(nested=True)
        if not self.at.take(")"):
            self.at.fail("expected ) to close the group")
        self._depth -= 1
        weight = max(1, self._n_symbols - before)
        return _Element(node, weight, may_be_blank=blank)

    @property
    def _n_symbols(self) -> int:
        return len(self._symbols) + self._n_generated

    def _parse_bounds(self, *, nested: bool) -> tuple[int, int | None]:
        for mark, bounds in _MARKS.items():
            if self.at.take(mark):
                return bounds
        self.at.take("{")
        self.at.skip_space(newlines=nested)
        low = self.at.take_int()
        self.at.skip_space(newlines=nested)
        high: int | None = low
        if self.at.take(","):
            self.at.skip_space(newlines=nested)
            high = None if self.at.peek() == "}" else self.at.take_int()
            self.at.skip_space(newlines=nested)
        if not self.at.take("}"):
            self.at.fail("expected } to close the repetition")
        return low, high

    def _repeated(
        self, element: _Element, low: int, high: int | None, position: int
    ) -> _Element:
        if high is not None and high < low:
            self.at.fail(f"at least {low} and at most {high} is no range", position)
        if low > MAX_REPETITIONS:
            self.at.fail(f"more than {MAX_REPETITIONS} repetitions", position)
        # llama.cpp takes a maximum above its limit for no maximum at all.
        limit = high if high is None or high <= MAX_REPETITIONS else None
        weight = element.weight * (limit or low or 1)
        if weight > MAX_REPETITIONS:
            self.at.fail(
                f"the repetition makes more than {MAX_REPETITIONS} rules;"
                " put what is repeated into a rule of its own",
                position,
            )
        if limit is None and element.may_be_blank:
            self.at.fail(_BLANK_REPEATED, position)
        if limit is None and element.rule is not None:
            self._repeated_refs.append((element.rule, position))
        self._n_generated += 1 if limit is None else limit - low
        return _Element(
            Repeat(element.node, low, high),
            weight,
            is_nothing=high == 0,
            may_be_blank=low == 0 and high != 0,
        )
