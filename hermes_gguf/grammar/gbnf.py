"""GBNF as values: the nodes of a grammar, the builder that names rules, the printer.

The only file that knows how GBNF is spelled. It does not know JSON, and it does not
run grammars: `automaton` does.

Source: grammars/README.md and src/llama-grammar.cpp of llama.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

#: Inclusive range of code points.
CodeRange: TypeAlias = tuple[int, int]

MAX_CODE_POINT = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Literal:
    """Exactly this text."""

    text: str

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of these ranges (ascending, disjoint)."""

    ranges: tuple[CodeRange, ...]
    negated: bool = False


class _HashedOnce:
    """Remembers its hash: rules are looked up by their bodies, which are deep."""

    __slots__ = ("_hash",)
    _hash: int

    def _content(self) -> object:
        raise NotImplementedError

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            value = hash((type(self).__name__, self._content()))
            object.__setattr__(self, "_hash", value)
            return value


@dataclass(frozen=True, slots=True)
class Sequence(_HashedOnce):
    """All parts, one after the other; no parts is the empty text."""

    parts: tuple[Node, ...]

    __hash__ = _HashedOnce.__hash__

    def _content(self) -> object:
        return self.parts


@dataclass(frozen=True, slots=True)
class Choice(_HashedOnce):
    """One of the options."""

    options: tuple[Node, ...]

    __hash__ = _HashedOnce.__hash__

    def _content(self) -> object:
        return self.options


@dataclass(frozen=True, slots=True)
class Repeat(_HashedOnce):
    """`node` at least `min` times and at most `max` times (None: no limit)."""

    node: Node
    min: int = 0
    max: int | None = None

    __hash__ = _HashedOnce.__hash__

    def _content(self) -> object:
        return self.node, self.min, self.max


@dataclass(frozen=True, slots=True)
class RuleRef:
    """Whatever the rule of this name matches."""

    name: str

    def __hash__(self) -> int:
        return hash(self.name)


Node: TypeAlias = Literal | Chars | Sequence | Choice | Repeat | RuleRef

EMPTY = Sequence(())


def seq(*parts: Node | str) -> Node:
    """The parts in order; texts become literals, neighbours that can are joined."""
    flat: list[Node] = []
    text = ""  # of the literals since the last other node
    for part in parts:
        if type(part) is str:
            text += part
            continue
        for item in part.parts if type(part) is Sequence else (part,):
            if type(item) is Literal:
                text += item.text
                continue
            if text:
                flat.append(Literal(text))
                text = ""
            flat.append(item)  # type: ignore[arg-type]
    if text:
        flat.append(Literal(text))
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def choice(options: Iterable[Node | str]) -> Node:
    """One of the options; equal ones are kept once, their order is kept.

    Raises:
        ValueError: there is no option (the empty language has no GBNF).
    """
    nodes: dict[Node, None] = {}
    for option in options:
        node = Literal(option) if isinstance(option, str) else option
        for item in node.options if isinstance(node, Choice) else (node,):
            nodes.setdefault(item)
    if not nodes:
        raise ValueError("a choice needs at least one option")
    return next(iter(nodes)) if len(nodes) == 1 else Choice(tuple(nodes))


def optional(node: Node | str) -> Node:
    """`node` or nothing."""
    return Repeat(Literal(node) if isinstance(node, str) else node, 0, 1)


@dataclass(frozen=True, slots=True)
class GbnfGrammar:
    """A whole grammar: rules in the order in which they are printed.

    Attributes:
        rules: Name → body; `root` is among them.
        comments: Name → what to print above the rule.
    """

    rules: Mapping[str, Node]
    comments: Mapping[str, str] = field(default_factory=dict)

    def to_gbnf(self) -> str:
        """The grammar as text that llama.cpp parses."""
        lines: list[str] = []
        for name, node in self.rules.items():
            if name in self.comments:
                lines.append("# " + self.comments[name].replace("\n", " "))
            lines.append(f"{name} ::= {print_node(node)}")
        return "\n".join(lines) + "\n"


class GrammarBuilder:
    """Collects rules and gives each a readable, unique name.

    Rule names may hold only letters, digits and `-`, so a hint such as a property's
    name is cleaned; the untouched name can go into the rule's comment.
    """

    def __init__(self) -> None:
        self.rules: dict[str, Node | None] = {}
        self.comments: dict[str, str] = {}
        self._shared: dict[Node, RuleRef] = {}
        #: What others remember about this grammar, such as the spelling of a set.
        self.memo: dict[object, Node] = {}
        self._next: dict[str, int] = {}

    def reserve(self, hint: str) -> RuleRef:
        """A new name, to be defined later (recursive rules need it)."""
        stem = _stem(hint)
        name, n = stem, self._next.get(stem, 2)
        while name in self.rules:
            name, n = f"{stem}-{n}", n + 1
        self._next[stem] = n
        self.rules[name] = None
        return RuleRef(name)

    def define(self, ref: RuleRef, node: Node, *, comment: str | None = None) -> None:
        """Give a reserved name its body, once."""
        assert self.rules[ref.name] is None, f"rule {ref.name} is defined twice"
        self.rules[ref.name] = node
        if comment is not None:
            self.comments[ref.name] = comment

    def add(self, hint: str, node: Node, *, comment: str | None = None) -> RuleRef:
        """A rule with this body; an equal body that was added before is reused."""
        if node in self._shared:
            return self._shared[node]
        ref = self.reserve(hint)
        self.define(ref, node, comment=comment)
        self._shared[node] = ref
        return ref

    def build(self, root: Node) -> GbnfGrammar:
        """The grammar whose `root` is this node, rules in order of first use."""
        bodies = {name: body for name, body in self.rules.items() if body is not None}
        assert len(bodies) == len(self.rules), "a reserved rule was never defined"
        ordered: dict[str, Node] = {"root": root}
        pending = names_in(root)[::-1]
        while pending:
            name = pending.pop()
            if name not in ordered:
                ordered[name] = bodies[name]
                pending.extend(names_in(bodies[name])[::-1])
        comments = {n: c for n, c in self.comments.items() if n in ordered}
        return GbnfGrammar(ordered, comments)


#: Of a longer name only the end is kept, which tells more than the beginning.
_MAX_NAME = 48


@lru_cache(maxsize=4096)
def _stem(hint: str) -> str:
    stem = re.sub(r"[^a-zA-Z0-9]+", "-", hint).strip("-").lower()
    if len(stem) > _MAX_NAME:
        cut = stem[-_MAX_NAME:]
        stem = cut.partition("-")[2] or cut
    return stem or "rule"


def names_in(node: Node) -> list[str]:
    """The rules that a body refers to, in the order in which they are printed."""
    found: list[str] = []
    _add_refs(node, found)
    return found


def _add_refs(node: Any, found: list[str]) -> None:
    kind = type(node)
    if kind is RuleRef:
        found.append(node.name)
    elif kind is Repeat:
        _add_refs(node.node, found)
    elif kind is Sequence or kind is Choice:
        for item in node.parts if kind is Sequence else node.options:
            below = type(item)
            if below is RuleRef:
                found.append(item.name)
            elif below is not Literal and below is not Chars:
                _add_refs(item, found)


# llama.cpp knows no escape for ^, which is special at the head of a class only.
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "^": "\\x5E"}


def _print_char(char: str, special: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char in special:
        return "\\" + char
    code = ord(char)
    if 0x20 <= code < 0x7F:
        return char
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


#: How each ASCII character is written in a text.
_ASCII = {code: _print_char(chr(code), '"') for code in range(128)}


def _print_chars(node: Chars) -> str:
    out = ["[^" if node.negated else "["]
    for low, high in node.ranges:
        out.append(_print_char(chr(low), '"[]-'))
        if high > low:
            out.append("-" if high > low + 1 else "")
            out.append(_print_char(chr(high), '"[]-'))
    return "".join(out) + "]"


def _print_repeat(node: Repeat) -> str:
    inner = print_node(node.node)
    if isinstance(node.node, Sequence | Choice | Repeat):
        inner = f"({inner})"
    match node.min, node.max:
        case 0, None:
            return inner + "*"
        case 1, None:
            return inner + "+"
        case 0, 1:
            return inner + "?"
        case low, None:
            return f"{inner}{{{low},}}"
        case low, high if low == high:
            return f"{inner}{{{low}}}"
        case low, high:
            return f"{inner}{{{low},{high}}}"


def print_node(node: Node) -> str:
    """The node as GBNF text, in one line."""
    return _PRINTERS[type(node)](node)


def _print_literal(node: Literal) -> str:
    text = node.text
    if text.isascii():
        return f'"{text.translate(_ASCII)}"'
    return '"' + "".join([_print_char(c, '"') for c in text]) + '"'


def _print_sequence(node: Sequence) -> str:
    if not node.parts:
        return '""'
    parts = []
    for part in node.parts:
        text = _PRINTERS[type(part)](part)
        parts.append(f"({text})" if isinstance(part, Choice) else text)
    return " ".join(parts)


def _print_choice(node: Choice) -> str:
    return " | ".join([_PRINTERS[type(o)](o) for o in node.options])


def _print_ref(node: RuleRef) -> str:
    return node.name


#: By type, for a grammar may have tens of thousands of nodes.
_PRINTERS: dict[type, Callable[[Any], str]] = {
    Literal: _print_literal,
    Chars: lru_cache(maxsize=4096)(_print_chars),
    Sequence: _print_sequence,
    Choice: _print_choice,
    Repeat: _print_repeat,
    RuleRef: _print_ref,
}
