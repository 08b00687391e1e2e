r"""Prints "any key but these" as a trie: the keys of an open object's extra pairs.

A key that leaves the trie may go on as it likes; one that ends inside of it is no
declared key yet. Extra keys are spelled without needless escapes, as declared ones
are, so `\u0061` cannot smuggle in a second `a`. Rules are named after what they
exclude, so that what was printed once serves every grammar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

from hermes_gguf.grammar.gbnf import (
    Chars,
    Choice,
    CodeRange,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    keep_text,
)

#: Name → body.
Rules: TypeAlias = Mapping[str, Node]

#: Trie levels in one rule.
_MAX_DEPTH = 12
#: Longer ends of keys become rules of their own: objects have many keys in common.
_MAX_INLINE = 2
#: What a rule excludes is in its name up to this length.
_MAX_NAME = 60
_FORBIDDEN: tuple[CodeRange, ...] = ((0, 0x1F), (0x22, 0x22), (0x5C, 0x5C))

_HEX = Chars(((48, 57), (65, 70), (97, 102)))
_ESCAPE = Sequence(
    (
        Literal("\\"),
        Choice(
            (
                Chars(tuple((ord(c), ord(c)) for c in '"\\bfnrt')),
                Sequence((Literal("u00"), Chars(((48, 49),)), _HEX)),
            )
        ),
    )
)
_CHAR, _END, _ESCAPED = map(RuleRef, ("key-char", "key-end", "key-escaped"))
#: What all these rules are made of.
COMMON: Rules = {
    _CHAR.name: Choice((Chars(_FORBIDDEN, negated=True), _ESCAPE)),
    _END.name: Sequence((Repeat(_CHAR), Literal('"'))),
    _ESCAPED.name: Sequence((_ESCAPE, _END)),
}
_MORE = Sequence((_CHAR, _END))
_ESCAPED_CHAR = re.compile(r'[\x00-\x1f"\\]')
_READABLE = re.compile("[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*")
_UNREADABLE = re.compile("[^A-Za-z0-9]")


def can_print_all_but(keys: frozenset[str]) -> bool:
    """Whether no key holds a character that must be escaped."""
    return not any(map(_ESCAPED_CHAR.search, keys))


@lru_cache(maxsize=1024)
def all_but(keys: frozenset[str]) -> tuple[Node, Rules]:
    """Any key but these, quotes included, and the rules for it besides `COMMON`.

    Args:
        keys: What `can_print_all_but` approves.
    """
    rules: dict[str, Node] = {}
    node = _after(sorted(keys), 0, 0, rules)
    return Sequence((Literal('"'), node)), rules


def _after(keys: list[str], start: int, depth: int, rules: dict[str, Node]) -> Node:
    """What may follow where these (sorted) keys were the same up to `start`."""
    if len(keys) == 1:
        node, needed = _unlike(keys[0][start:])
        rules.update(needed)
        return node
    if depth == _MAX_DEPTH:
        name = _name("neither", "\n".join([key[start:] for key in keys]))
        rules[name] = _after(keys, start, 0, rules)
        return RuleRef(name)
    ends = len(keys[0]) == start
    groups: dict[str, list[str]] = {}
    for key in keys[1:] if ends else keys:
        groups.setdefault(key[start], []).append(key)
    options: list[Node] = [
        Sequence((Literal(char), _after(group, start + 1, depth + 1, rules)))
        for char, group in groups.items()
    ]
    leaving, body = _leaving("".join(groups), ends)
    rules[leaving.name] = body
    choice = Choice((*options, leaving))
    return choice if depth else keep_text(choice)


@lru_cache(maxsize=4096)
def _unlike(rest: str) -> tuple[Node, Rules]:
    """Any end of a key but this one."""
    if not rest:
        return _MORE, {}
    head, after = rest[:_MAX_DEPTH], rest[_MAX_DEPTH:]
    node, needed = _unlike(after)
    rules = dict(needed)
    for char in reversed(head):
        leaving, body = _leaving(char, False)
        rules[leaving.name] = body
        node = Choice((Sequence((Literal(char), node)), leaving))
    if len(rest) <= _MAX_INLINE:
        return node, rules
    assert isinstance(node, Choice)
    rule = RuleRef(_name("not", rest))
    rules[rule.name] = keep_text(node)
    return rule, rules


@lru_cache(maxsize=4096)
def _leaving(chars: str, ends: bool) -> tuple[RuleRef, Node]:
    """Anything but the expected characters (or the end), to the closing quote."""
    codes = ((ord(char), ord(char)) for char in chars)
    other = Chars(tuple(sorted((*_FORBIDDEN, *codes))), negated=True)
    options: list[Node] = [Sequence((other, _END)), _ESCAPED]
    if not ends:
        options.append(Literal('"'))
    name = _name("no-end" if ends else "no", chars)
    return RuleRef(name), keep_text(Choice(tuple(options)))


def _name(kind: str, text: str) -> str:
    """A name that no other text has: as it reads, or else letter by letter."""
    if _READABLE.fullmatch(text):
        name = text.replace("_", "-")
    else:
        name = "-" + _UNREADABLE.sub(lambda m: f"-{ord(m[0]):x}-", text)
    if len(name) > _MAX_NAME:
        name = f"-long-{sha256(text.encode()).hexdigest()}"
    return f"{kind}-{name}"
