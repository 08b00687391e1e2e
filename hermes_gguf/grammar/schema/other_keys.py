r"""Prints "any key but these" as a trie: the keys of an open object's extra pairs.

A key that leaves the trie may go on as it likes; one that ends inside of it is no
declared key yet. Extra keys are spelled without needless escapes, as declared ones
are, so `\u0061` cannot smuggle in a second `a`. Rules are named after what they
exclude, so that what was printed once serves every grammar.

There are more such rules in a large grammar than others, so their text is written at
once, and their nodes are made when a parser asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, partial
from hashlib import sha256
from typing import TypeAlias

from ..gbnf import (
    Chars,
    Choice,
    CodeRange,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
)
from ..gbnf_nodes import Kept
from ..gbnf_print import print_chars, quoted

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
_TEXT_OF_MORE = f"{_CHAR.name} {_END.name}"
_RULES_OF_MORE = {ref.name: COMMON[ref.name] for ref in (_CHAR, _END)}
_RULES_OF_LEAVING = {ref.name: COMMON[ref.name] for ref in (_END, _ESCAPED)}
_ESCAPED_CHAR = re.compile(r'[\x00-\x1f"\\]')
_READABLE = re.compile("[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*")
_UNREADABLE = re.compile("[^A-Za-z0-9]")


def can_print_all_but(keys: frozenset[str]) -> bool:
    """Whether no key holds a character that must be escaped."""
    return not any(map(_ESCAPED_CHAR.search, keys))


@lru_cache(maxsize=1024)
def all_but(keys: frozenset[str]) -> tuple[Node, Rules]:
    """Any key but these, quotes included, and the rules that it names itself.

    Args:
        keys: What `can_print_all_but` approves.
    """
    rules: Rules = {}
    if len(keys) > 1:
        node: Node = _after(sorted(keys), 0)
    else:
        node, needed = _unlike(*keys)
        rules = needed if isinstance(node, RuleRef) else {}
    return Sequence((Literal('"'), node)), rules


def _after(keys: list[str], start: int) -> Choice:
    """What may follow where these (sorted) keys were the same up to `start`."""
    rules: dict[str, Node] = {}
    text = _print_after(keys, start, 0, rules)
    return Choice(partial(_options_after, keys, start, 0), Kept(text, rules))


def _print_after(
    keys: list[str], start: int, depth: int, rules: dict[str, Node]
) -> str:
    """The text of several options, of which the rules are added to `rules`."""
    groups, leaving, body = _parted(keys, start)
    options = []
    for char, group in groups.items():
        if len(group) == 1:
            node, needed = _unlike(group[0][start + 1 :])
            rules.update(needed)
            text = _print_part(node)
        elif depth + 1 == _MAX_DEPTH:
            text = _neither(group, start + 1)
            rules[text] = _after(group, start + 1)
        else:
            text = f"({_print_after(group, start + 1, depth + 1, rules)})"
        options.append(f"{quoted(char)} {text}")
    rules[leaving.name] = body
    return " | ".join([*options, leaving.name])


def _options_after(keys: list[str], start: int, depth: int) -> tuple[Node, ...]:
    """As nodes what `_print_after` writes."""
    groups, leaving, _ = _parted(keys, start)
    options: list[Node] = []
    for char, group in groups.items():
        if len(group) == 1:
            node, _ = _unlike(group[0][start + 1 :])
        elif depth + 1 == _MAX_DEPTH:
            node = RuleRef(_neither(group, start + 1))
        else:
            node = Choice(_options_after(group, start + 1, depth + 1))
        options.append(Sequence((Literal(char), node)))
    return (*options, leaving)


def _parted(keys: list[str], start: int) -> tuple[dict[str, list[str]], RuleRef, Node]:
    """The keys by their next character, and what comes where none of these does."""
    ends = len(keys[0]) == start
    groups: dict[str, list[str]] = {}
    for key in keys[1:] if ends else keys:
        groups.setdefault(key[start], []).append(key)
    return groups, *_leaving("".join(groups), ends)


@lru_cache(maxsize=4096)
def _unlike(rest: str) -> tuple[Node, Rules]:
    """Any end of a key but this one, and the rules that it names."""
    if not rest:
        return _MORE, _RULES_OF_MORE
    after, needed = _unlike(rest[_MAX_DEPTH:])
    rules = dict(needed)
    text = _print_part(after)
    for char in reversed(rest[:_MAX_DEPTH]):
        leaving, body = _leaving(char, False)
        rules[leaving.name] = body
        text = f"({quoted(char)} {text} | {leaving.name})"
    node = Choice(partial(_options_unlike, rest), Kept(text[1:-1], rules))
    if len(rest) <= _MAX_INLINE:
        return node, rules
    name = _name("not", rest)
    return RuleRef(name), {name: node}


def _options_unlike(rest: str) -> tuple[Node, ...]:
    """As nodes what `_unlike` writes."""
    node, _ = _unlike(rest[_MAX_DEPTH:])
    for char in reversed(rest[:_MAX_DEPTH]):
        leaving, _ = _leaving(char, False)
        node = Choice((Sequence((Literal(char), node)), leaving))
    assert isinstance(node, Choice)
    return node.options


def _print_part(node: Node) -> str:
    """The text of what `_unlike` makes, as it stands behind a character."""
    if isinstance(node, RuleRef):
        return node.name
    if isinstance(node, Choice) and node.kept:
        return f"({node.kept.text})"
    return _TEXT_OF_MORE


@lru_cache(maxsize=4096)
def _leaving(chars: str, ends: bool) -> tuple[RuleRef, Node]:
    """Anything but the expected characters (or the end), to the closing quote."""
    codes = ((ord(char), ord(char)) for char in chars)
    other = Chars(tuple(sorted((*_FORBIDDEN, *codes))), negated=True)
    options: list[Node] = [Sequence((other, _END)), _ESCAPED]
    text = f"{print_chars(other)} {_END.name} | {_ESCAPED.name}"
    if not ends:
        options.append(Literal('"'))
        text += " | " + quoted('"')
    name = _name("no-end" if ends else "no", chars)
    return RuleRef(name), Choice(tuple(options), Kept(text, _RULES_OF_LEAVING))


def _neither(keys: list[str], start: int) -> str:
    """The name of the rule for these keys, which were the same up to `start`."""
    return _name("neither", "\n".join([key[start:] for key in keys]))


def _name(kind: str, text: str) -> str:
    """A name that no other text has: as it reads, or else letter by letter."""
    if _READABLE.fullmatch(text):
        name = text.replace("_", "-")
    else:
        name = "-" + _UNREADABLE.sub(lambda m: f"-{ord(m[0]):x}-", text)
    if len(name) > _MAX_NAME:
        name = f"-long-{sha256(text.encode()).hexdigest()}"
    return f"{kind}-{name}"
