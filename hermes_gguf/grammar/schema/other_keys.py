r"""Prints "any key but these" as a trie: the keys of an open object's extra pairs.

A key that leaves the trie may go on as it likes; one that ends inside of it is no
declared key yet. Extra keys are spelled without needless escapes, as declared ones
are, so `\u0061` cannot smuggle in a second `a`.
"""

from __future__ import annotations

from functools import lru_cache

from hermes_gguf.grammar.gbnf import (
    Chars,
    Choice,
    CodeRange,
    GrammarBuilder,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
)

#: Trie levels in one rule.
_MAX_DEPTH = 12
#: Longer ends of keys become rules of their own: objects have many keys in common.
_MAX_INLINE = 2
_FORBIDDEN: tuple[CodeRange, ...] = ((0, 0x1F), (0x22, 0x22), (0x5C, 0x5C))


def can_print_all_but(keys: frozenset[str]) -> bool:
    """Whether no key holds a character that must be escaped."""
    return not any(c < " " or c in '"\\' for key in keys for c in key)


class OtherKeys:
    """Prints for one builder; the common rules are written once."""

    def __init__(self, builder: GrammarBuilder) -> None:
        self.builder = builder
        self._end: RuleRef | None = None
        self._left: dict[str, RuleRef] = {}
        self._ends: dict[str, RuleRef] = {}
        self._escaped: Node = Literal("")
        self._more: Node = Literal("")

    def print(self, keys: frozenset[str], hint: str) -> Node:
        """Any key but these, quotes included.

        Args:
            keys: What `can_print_all_but` approves.
            hint: What rules are named after.
        """
        self._write_common_rules()
        return Sequence((Literal('"'), self._after(sorted(keys), 0, hint, 0)))

    def _write_common_rules(self) -> None:
        if self._end is not None:
            return
        builder = self.builder
        plain = Chars(_FORBIDDEN, negated=True)
        hexadecimal = Chars(((48, 57), (65, 70), (97, 102)))
        short = Chars(tuple((ord(c), ord(c)) for c in '"\\bfnrt'))
        control = Sequence((Literal("u00"), Chars(((48, 49),)), hexadecimal))
        char, end = builder.reserve("key-char"), builder.reserve("key-end")
        escape = Sequence((Literal("\\"), Choice((short, control))))
        builder.define(char, Choice((plain, escape)))
        builder.define(end, Sequence((Repeat(char), Literal('"'))))
        self._end = end
        self._escaped = builder.add("key-escaped", Sequence((escape, end)))
        self._more = Sequence((char, end))

    def _after(self, keys: list[str], start: int, hint: str, depth: int) -> Node:
        """What may follow where these (sorted) keys were the same up to `start`."""
        if len(keys) == 1:
            return self._unlike(keys[0][start:])
        if depth == _MAX_DEPTH:
            rule = self.builder.reserve(hint)
            self.builder.define(rule, self._after(keys, start, hint, 0))
            return rule
        ends = len(keys[0]) == start
        groups: dict[str, list[str]] = {}
        for key in keys[1:] if ends else keys:
            groups.setdefault(key[start], []).append(key)
        options: list[Node] = [
            Sequence((Literal(char), self._after(group, start + 1, hint, depth + 1)))
            for char, group in groups.items()
        ]
        options.append(self._leaving("".join(groups), ends=ends))
        return Choice(tuple(options))

    def _unlike(self, rest: str) -> Node:
        """Any end of a key but this one."""
        if not rest:
            return self._more
        known = self._ends.get(rest)
        if known is not None:
            return known
        head, after = rest[:_MAX_DEPTH], rest[_MAX_DEPTH:]
        node = self._unlike(after)
        for char in reversed(head):
            leaving = self._leaving(char, ends=False)
            node = Choice((Sequence((Literal(char), node)), leaving))
        if len(rest) <= _MAX_INLINE:
            return node
        rule = self._ends[rest] = self.builder.reserve(f"not-{rest}")
        self.builder.define(rule, node)
        return rule

    def _leaving(self, chars: str, *, ends: bool) -> Node:
        """Anything but the expected characters (or the end), to the closing quote."""
        key = f'{chars}"' if ends else chars
        known = self._left.get(key)
        if known is not None:
            return known
        assert self._end is not None
        rule = self.builder.reserve(f"no-{chars}")
        body = _all_but(chars, ends, self._end, self._escaped)
        self.builder.define(rule, body)
        self._left[key] = rule
        return rule


@lru_cache(maxsize=4096)
def _all_but(chars: str, ends: bool, end: RuleRef, escaped: Node) -> Node:
    """Any character but these, then on to the end."""
    codes = ((ord(char), ord(char)) for char in chars)
    other = Chars(tuple(sorted((*_FORBIDDEN, *codes))), negated=True)
    options: list[Node] = [Sequence((other, end)), escaped]
    if not ends:
        options.append(Literal('"'))
    return Choice(tuple(options))
