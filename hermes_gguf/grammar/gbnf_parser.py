"""Reads GBNF text into nodes, accepting what llama.cpp accepts and no more.

It is stricter in a few places, never laxer: token literals (`<think>`,
`<[1000]>`), an empty class, code points that Unicode lacks, a repetition whose
maximum is below its minimum, and left recursion through rules that may be empty are
refused. Errors say where.

Source: grammars/README.md and `llama_grammar_parser` in src/llama-grammar.cpp.
"""

from __future__ import annotations

from .gbnf import MAX_CODE_POINT, Chars, GbnfGrammar, Literal, Node, Repeat, RuleRef
from .gbnf import Choice as ChoiceNode
from .gbnf import Sequence as SequenceNode
from .gbnf_check import analyse
from .gbnf_cursor import Cursor

#: llama.cpp refuses repetitions that would make more rules than this.
MAX_REPETITIONS = 2000
#: Groups inside of groups; llama.cpp's own parser recurses for each.
MAX_GROUP_DEPTH = 150

ANY_CHAR = Chars(((0, MAX_CODE_POINT),))


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


class _Element:
    """One symbol of a sequence, with what a repetition must know of it."""

    __slots__ = ("empty_first", "node", "position", "weight")

    def __init__(self, node: Node, position: int, weight: int = 1) -> None:
        self.node = node
        self.position = position
        #: How many rules llama.cpp makes of it (`n_prev_rules`).
        self.weight = weight
        #: Whether llama.cpp sees an empty alternative in the rule it makes of it.
        self.empty_first = False


class _Parser:
    def __init__(self, cursor: Cursor) -> None:
        self.at = cursor
        self.rules: dict[str, Node] = {}
        self._where: dict[str, int] = {}
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
            if _has_empty_option(self.rules[name]):
                self._fail_empty_repeat(position)
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
        self.rules[name] = self._parse_alternates(nested=False)
        self._where[name] = position
        if not self.at.ended and not self.at.take_newline():
            self.at.fail(f"expected a newline, found {self.at.peek()!r}")
        self.at.skip_space(newlines=True)

    def _parse_alternates(self, *, nested: bool) -> Node:
        options = [self._parse_sequence(nested=nested)]
        while self.at.take("|"):
            self.at.skip_space(newlines=True)
            options.append(self._parse_sequence(nested=nested))
        return options[0] if len(options) == 1 else ChoiceNode(tuple(options))

    def _parse_sequence(self, *, nested: bool) -> Node:
        elements: list[_Element] = []
        while (char := self.at.peek()) and char not in "|)\r\n":
            position = self.at.position
            if char in "*+?{":
                low, high = self._parse_bounds(nested=nested)
                if not elements or _is_nothing(elements[-1].node):
                    self.at.fail(f"nothing to repeat before {char}", position=position)
                elements[-1] = self._repeated(elements[-1], low, high, position)
            else:
                elements.append(self._parse_element(char))
            self.at.skip_space(newlines=nested)
        nodes = tuple(e.node for e in elements)
        return nodes[0] if len(nodes) == 1 else SequenceNode(nodes)

    def _parse_element(self, char: str) -> _Element:
        position = self.at.position
        if char == '"':
            return _Element(Literal(self.at.take_literal()), position)
        if char == "[":
            return _Element(self.at.take_class(), position)
        if char == "(":
            return self._parse_group()
        if char == ".":
            self.at.take(".")
            return _Element(ANY_CHAR, position)
        if char in "<!":
            self.at.fail(
                "token literals are not supported; put the text in double quotes"
            )
        if not self.at.at_name():
            self.at.fail(f"unexpected {char!r}")
        name = self.at.take_name()
        self._symbols.add(name)
        self._ref_positions.setdefault(name, position)
        return _Element(RuleRef(name), position)

    def _parse_group(self) -> _Element:
        position = self.at.position
        if self._depth >= MAX_GROUP_DEPTH:
            self.at.fail(f"groups nest deeper than {MAX_GROUP_DEPTH}")
        self._depth += 1
        self.at.take("(")
        self.at.skip_space(newlines=True)
        before = self._n_symbols
        self._n_generated += 1
        node = self._parse_alternates(nested=True)
        if not self.at.take(")"):
            self.at.fail("expected ) to close the group", position=self.at.position)
        self._depth -= 1
        element = _Element(node, position, max(1, self._n_symbols - before))
        element.empty_first = _has_empty_option(node)
        return element

    @property
    def _n_symbols(self) -> int:
        return len(self._symbols) + self._n_generated

    def _parse_bounds(self, *, nested: bool) -> tuple[int, int | None]:
        for mark, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.at.take(mark):
                return bounds
        self.at.take("{")
        self.at.skip_space(newlines=nested)
        low = self.at.take_int()
        self.at.skip_space(newlines=nested)
        high: int | None = low
        if self.at.take(","):
            self.at.skip_space(newlines=nested)
            high = self.at.take_int() if self.at.peek().isdigit() else None
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
        limited = high if high is None or high <= MAX_REPETITIONS else None
        n_rules = limited or low or 1
        if element.weight * n_rules > MAX_REPETITIONS:
            self.at.fail(
                f"the repetition makes more than {MAX_REPETITIONS} rules;"
                " put what is repeated into a rule of its own",
                position,
            )
        if limited is None:
            if element.empty_first:
                self._fail_empty_repeat(position)
            if isinstance(element.node, RuleRef):
                self._repeated_refs.append((element.node.name, position))
        self._n_generated += 1 if limited is None else limited - low
        node = Repeat(element.node, low, high)
        out = _Element(node, element.position, element.weight * n_rules)
        out.empty_first = low == 0
        return out

    def _fail_empty_repeat(self, position: int) -> None:
        self.at.fail("what is repeated without limit may be empty", position)


def _is_nothing(node: Node) -> bool:
    """Whether llama.cpp makes no element at all of the node."""
    return node == Literal("") or (isinstance(node, Repeat) and node.max == 0)


def _has_empty_option(body: Node) -> bool:
    """Whether an alternative of the body is written without any element."""
    options = body.options if isinstance(body, ChoiceNode) else (body,)
    return any(_is_nothing(o) or _is_empty_sequence(o) for o in options)


def _is_empty_sequence(node: Node) -> bool:
    return isinstance(node, SequenceNode) and all(map(_is_nothing, node.parts))
