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
from json.encoder import encode_basestring_ascii
from typing import Any, TypeAlias

#: Inclusive range of code points.
CodeRange: TypeAlias = tuple[int, int]

MAX_CODE_POINT = 0x10FFFF


# Nodes are never changed once they are made. They are not frozen, because it takes a
# frozen one twice as long to be made, and a large grammar has tens of thousands.


@dataclass(slots=True)
class Literal:
    """Exactly this text."""

    text: str

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(slots=True, unsafe_hash=True)
class Chars:
    """One character out of these ranges (ascending, disjoint)."""

    ranges: tuple[CodeRange, ...]
    negated: bool = False


def _hash_once() -> int:
    """A field for the hash: rules are looked up by their bodies, which are deep."""
    return field(default=0, init=False, compare=False, repr=False)


@dataclass(slots=True)
class Sequence:
    """All parts, one after the other; no parts is the empty text."""

    parts: tuple[Node, ...]
    _hash: int = _hash_once()

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash(self.parts)
        return self._hash


@dataclass(slots=True)
class Choice:
    """One of the options."""

    options: tuple[Node, ...]
    _hash: int = _hash_once()
    #: Its text and the names in it, see `keep_text`.
    kept: tuple[str, list[str]] | None = field(
        default=None, init=False, compare=False, repr=False
    )

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash((Choice, self.options))
        return self._hash


@dataclass(slots=True)
class Repeat:
    """`node` at least `min` times and at most `max` times (None: no limit)."""

    node: Node
    min: int = 0
    max: int | None = None
    _hash: int = _hash_once()

    def __hash__(self) -> int:
        if not self._hash:
            self._hash = hash((self.node, self.min, self.max))
        return self._hash


@dataclass(slots=True)
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
        kind = type(part)
        if kind is str:
            text += part  # type: ignore[operator]
        elif kind is Literal:
            text += part.text  # type: ignore[union-attr]
        elif kind is Sequence:
            inside = part.parts  # type: ignore[union-attr]
            if inside and type(inside[0]) is Literal:
                text += inside[0].text
                inside = inside[1:]
            if inside:
                if text:
                    flat.append(Literal(text))
                flat += inside
                text = flat.pop().text if type(flat[-1]) is Literal else ""  # type: ignore[union-attr]
        else:
            if text:
                flat.append(Literal(text))
                text = ""
            flat.append(part)  # type: ignore[arg-type]
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
    #: Bodies that were printed when the rules were put in order.
    printed: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def to_gbnf(self) -> str:
        """The grammar as text that llama.cpp parses."""
        lines: list[str] = []
        for name, node in self.rules.items():
            if name in self.comments:
                lines.append("# " + self.comments[name].replace("\n", " "))
            text = self.printed.get(name) or print_node(node, [])
            lines.append(f"{name} ::= {text}")
        return "\n".join(lines) + "\n"


#: How the names of rules begin that have the same body in every grammar of a schema.
#: Nothing else in such a grammar may be called so.
COMMON_NAMES = ("no-", "not-", "neither-")


class GrammarBuilder:
    """Collects rules and gives each a readable, unique name.

    Rule names may hold only letters, digits and `-`, so a hint such as a property's
    name is cleaned; the untouched name can go into the rule's comment.
    """

    def __init__(self, *, reserved: tuple[str, ...] = ()) -> None:
        #: No name that is given out begins like one of these.
        self._reserved = reserved
        self.rules: dict[str, Node | None] = {}
        self.comments: dict[str, str] = {}
        self._shared: dict[Node, RuleRef] = {}
        #: What others remember about this grammar, such as the spelling of a set.
        self.memo: dict[object, Node] = {}
        #: What each rule of the grammar refers to, once it is built.
        self.refs: dict[str, list[str]] = {}
        self._next: dict[str, int] = {}

    def reserve(self, hint: str) -> RuleRef:
        """A new name, to be defined later (recursive rules need it)."""
        stem = _stem(hint)
        if stem.startswith(self._reserved):
            stem = f"rule-{stem}"
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
        ref = self._shared.get(node)
        if ref is None:
            ref = self._shared[node] = self.reserve(hint)
            self.define(ref, node, comment=comment)
        return ref

    def adopt(self, rules: Mapping[str, Node]) -> None:
        """Rules under their own names, which must be free, or name the same."""
        self.rules.update(rules)

    def build(self, root: Node) -> GbnfGrammar:
        """The grammar whose `root` is this node, rules in order of first use."""
        bodies = {name: body for name, body in self.rules.items() if body is not None}
        assert len(bodies) == len(self.rules), "a reserved rule was never defined"
        bodies["root"] = root
        self.refs = {}
        ordered: dict[str, Node] = {}
        printed: dict[str, str] = {}
        pending = ["root"]
        while pending:
            name = pending.pop()
            if name not in ordered:
                used: list[str] = []
                self.refs[name] = used
                ordered[name] = bodies[name]
                # What a rule refers to is best found while it is printed.
                printed[name] = print_node(bodies[name], used)
                pending.extend(used[::-1])
        comments = {n: c for n, c in self.comments.items() if n in ordered}
        return GbnfGrammar(ordered, comments, printed)


#: Of a longer name only the end is kept, which tells more than the beginning.
_MAX_NAME = 48
_WORDS = re.compile("[a-zA-Z0-9]+")


@lru_cache(maxsize=4096)
def _stem(hint: str) -> str:
    stem = "-".join(_WORDS.findall(hint)).lower()
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


@lru_cache(maxsize=4096)
def _print_chars(node: Chars) -> str:
    out = ["[^" if node.negated else "["]
    for low, high in node.ranges:
        out.append(_print_char(chr(low), '"[]-'))
        if high > low:
            out.append("-" if high > low + 1 else "")
            out.append(_print_char(chr(high), '"[]-'))
    return "".join(out) + "]"


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and "^" not in text:
        # As almost all are: JSON spells such a text as GBNF does, and is fast.
        return encode_basestring_ascii(text)
    return '"' + "".join([_print_char(c, '"') for c in text]) + '"'


def _print_sequence(node: Sequence, used: list[str]) -> str:
    if not node.parts:
        return '""'
    out = []
    for part in node.parts:
        kind = type(part)
        if kind is Literal:
            out.append(_quoted(part.text))  # type: ignore[union-attr]
        elif kind is RuleRef:
            name = part.name  # type: ignore[union-attr]
            used.append(name)
            out.append(name)
        elif kind is Choice:
            out.append(f"({_print_choice(part, used)})")  # type: ignore[arg-type]
        else:
            out.append(_PRINTERS[kind](part, used))
    return " ".join(out)


def keep_text(node: Choice) -> Choice:
    """The node, which keeps its text from now on: for what many grammars share."""
    used: list[str] = []
    text = _print_choice(node, used)
    node.kept = (text, list(dict.fromkeys(used)))
    return node


def _print_choice(node: Choice, used: list[str]) -> str:
    if node.kept is not None:
        used += node.kept[1]
        return node.kept[0]
    return " | ".join([_PRINTERS[type(o)](o, used) for o in node.options])


def _print_repeat(node: Repeat, used: list[str]) -> str:
    inner = print_node(node.node, used)
    if type(node.node) in (Sequence, Choice, Repeat):
        inner = f"({inner})"
    low, high = node.min, node.max
    if high is None:
        sign = {0: "*", 1: "+"}.get(low)
        return inner + (sign or f"{{{low},}}")
    if high == 1 and low == 0:
        return inner + "?"
    return inner + (f"{{{low}}}" if low == high else f"{{{low},{high}}}")


def _print_ref(node: RuleRef, used: list[str]) -> str:
    used.append(node.name)
    return node.name


def print_node(node: Node, used: list[str]) -> str:
    """The node as GBNF text, in one line; names of rules in it are added to `used`."""
    return _PRINTERS[type(node)](node, used)


#: By type, for a grammar may have tens of thousands of nodes.
_PRINTERS: dict[type, Callable[[Any, list[str]], str]] = {
    Literal: lambda node, _: _quoted(node.text),
    Chars: lambda node, _: _print_chars(node),
    Sequence: _print_sequence,
    Choice: _print_choice,
    Repeat: _print_repeat,
    RuleRef: _print_ref,
}
