"""Prints a regular expression as it was written, where that is also deterministic.

A minimal automaton can be larger and is harder to read than its expression. So an
expression in which every next character has one place to go is printed as it stands.
"""

from __future__ import annotations

from collections.abc import Callable

from ..gbnf import GrammarBuilder, Node, choice, seq
from ..scalars import Ranges
from .repeat import counted
from .syntax import (
    Alt,
    Assert,
    Cat,
    Look,
    Regex,
    Rep,
    Set,
    children,
)


def is_nullable(node: Regex) -> bool:
    """Whether the expression matches the empty text."""
    match node:
        case Set():
            return False
        case Cat(parts):
            return all(map(is_nullable, parts))
        case Alt(options):
            return any(map(is_nullable, options))
        case Rep(inner, low, _):
            return low == 0 or is_nullable(inner)
        case _:
            return True


def is_printable(node: Regex) -> bool:
    """Whether the expression has a GBNF of the same shape that llama.cpp accepts.

    Repeating what may be empty would be left recursion there.
    """
    match node:
        case Set(ranges):
            return bool(ranges)
        case Assert() | Look():
            return False
        case Rep(inner, _, high) if high != 1 and is_nullable(inner):
            return False
    return all(map(is_printable, children(node)))


def regex_node(
    node: Regex, char: Callable[[Ranges], Node], builder: GrammarBuilder, hint: str
) -> Node:
    """The expression as GBNF; `is_printable` must hold."""
    # No function inside: one that calls itself is a circle, in which the builder and
    # all its rules would wait for the garbage collector.
    match node:
        case Set(ranges):
            return char(ranges)
        case Cat(parts):
            return seq(*[regex_node(part, char, builder, hint) for part in parts])
        case Alt(options):
            return choice(regex_node(each, char, builder, hint) for each in options)
        case Rep(inner, low, high):
            repeated = regex_node(inner, char, builder, hint)
            return counted(repeated, low, high, builder, hint)
    raise AssertionError("assertions are not printable")
