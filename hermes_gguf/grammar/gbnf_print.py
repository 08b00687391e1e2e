"""How nodes are spelled as GBNF, and which rules they refer to.

The only file that knows how GBNF is spelled. It does not know where rules come from.

Source: grammars/README.md and src/llama-grammar.cpp of llama.cpp.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from .gbnf_nodes import (
    Chars,
    Choice,
    CodeRange,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
)


class Used(list[str]):
    """The rules that a text refers to, in its order; some more than once.

    Args:
        bodies: Where to put the bodies of those rules that a choice brings along.
    """

    __slots__ = ("bodies",)

    def __init__(self, bodies: dict[str, Node]) -> None:
        super().__init__()
        self.bodies = bodies


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
    elif kind is Choice and node.kept is not None:
        found += node.kept.rules
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


def print_chars(node: Chars) -> str:
    """A set of characters as a class in square brackets."""
    return _print_ranges(node.ranges, node.negated)


# By the fields, for a tuple is looked up without a call, unlike a node.
@lru_cache(maxsize=4096)
def _print_ranges(ranges: tuple[CodeRange, ...], negated: bool) -> str:
    out = ["[^" if negated else "["]
    for low, high in ranges:
        out.append(_print_char(chr(low), '"[]-'))
        if high > low:
            out.append("-" if high > low + 1 else "")
            out.append(_print_char(chr(high), '"[]-'))
    return "".join(out) + "]"


@lru_cache(maxsize=4096)
def quoted(text: str) -> str:
    """The text as a literal."""
    if text.isascii() and text.isprintable() and "^" not in text:
        # As almost all are: JSON spells such a text as GBNF does, and is fast.
        return encode_basestring_ascii(text)
    return '"' + "".join([_print_char(c, '"') for c in text]) + '"'


def _print_sequence(node: Sequence, used: Used) -> str:
    if not node.parts:
        return '""'
    out = []
    for part in node.parts:
        kind = type(part)
        if kind is Literal:
            out.append(quoted(part.text))  # type: ignore[union-attr]
        elif kind is RuleRef:
            name = part.name  # type: ignore[union-attr]
            used.append(name)
            out.append(name)
        elif kind is Choice:
            out.append(f"({_print_choice(part, used)})")  # type: ignore[arg-type]
        else:
            out.append(_PRINTERS[kind](part, used))
    return " ".join(out)


def _print_choice(node: Choice, used: Used) -> str:
    kept = node.kept
    if kept is not None:
        used += kept.rules
        used.bodies.update(kept.rules)
        return kept.text
    return " | ".join([_PRINTERS[type(o)](o, used) for o in node.options])


def _print_repeat(node: Repeat, used: Used) -> str:
    kind = type(node.node)
    inner = _PRINTERS[kind](node.node, used)
    if kind is Sequence or kind is Choice or kind is Repeat:
        inner = f"({inner})"
    low, high = node.min, node.max
    if high == 1 and low == 0:
        return inner + "?"
    if high is None:
        sign = {0: "*", 1: "+"}.get(low)
        return inner + (sign or f"{{{low},}}")
    return inner + (f"{{{low}}}" if low == high else f"{{{low},{high}}}")


def _print_ref(node: RuleRef, used: Used) -> str:
    used.append(node.name)
    return node.name


def print_node(node: Node, used: Used) -> str:
    """The node as GBNF text, in one line; names of rules in it are added to `used`."""
    return _PRINTERS[type(node)](node, used)


#: By type, for a grammar may have tens of thousands of nodes.
_PRINTERS: dict[type, Callable[[Any, Used], str]] = {
    Literal: lambda node, _: quoted(node.text),
    Chars: lambda node, _: _print_ranges(node.ranges, node.negated),
    Sequence: _print_sequence,
    Choice: _print_choice,
    Repeat: _print_repeat,
    RuleRef: _print_ref,
}
