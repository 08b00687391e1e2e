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
_Trie = dict[str, "_Trie"]
#: Marks in a trie that a key ends here; no character is empty.
_END = ""
_FORBIDDEN: tuple[CodeRange, ...] = ((0, 0x1F), (0x22, 0x22), (0x5C, 0x5C))


def can_print_all_but(keys: frozenset[str]) -> bool:
    """Whether no key holds a character that must be escaped."""
    return not any(c < " " or c in '"\\' for key in keys for c in key)


class OtherKeys:
    """Prints for one builder; the common rules are written once."""

    def __init__(self, builder: GrammarBuilder) -> None:
        self.builder = builder
        self._end: RuleRef | None = None
        self._left: dict[frozenset[str], RuleRef] = {}
        self._escaped: Node = Literal("")
        self._more: Node = Literal("")

    def print(self, keys: frozenset[str], hint: str) -> Node:
        """Any key but these, quotes included.

        Args:
            keys: What `can_print_all_but` approves.
            hint: What rules are named after.
        """
        self._write_common_rules()
        trie: _Trie = {}
        for key in sorted(keys):
            node = trie
            for char in key:
                node = node.setdefault(char, {})
            node[_END] = {}
        return Sequence((Literal('"'), self._after(trie, hint, 0)))

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

    def _after(self, trie: _Trie, hint: str, depth: int) -> Node:
        """What may follow the characters that led here."""
        if len(trie) == 1 and _END in trie:
            return self._more
        if depth == _MAX_DEPTH:
            rule = self.builder.reserve(hint)
            self.builder.define(rule, self._after(trie, hint, 0))
            return rule
        options: list[Node] = []
        for char, below in trie.items():
            if char != _END:
                after = self._after(below, hint, depth + 1)
                options.append(Sequence((Literal(char), after)))
        options.append(self._leaving(frozenset(trie)))
        return Choice(tuple(options))

    def _leaving(self, expected: frozenset[str]) -> Node:
        """Anything but the expected characters, to the closing quote."""
        if expected in self._left:
            return self._left[expected]
        assert self._end is not None
        name, body = _all_but(expected, self._end, self._escaped)
        rule = self.builder.reserve(name)
        self.builder.define(rule, body)
        self._left[expected] = rule
        return rule


@lru_cache(maxsize=4096)
def _all_but(expected: frozenset[str], end: RuleRef, escaped: Node) -> tuple[str, Node]:
    """A name and the body for: any character but these, then on to the end."""
    chars = sorted(expected - {_END})
    codes = ((ord(char), ord(char)) for char in chars)
    other = Chars(tuple(sorted((*_FORBIDDEN, *codes))), negated=True)
    options: list[Node] = [Sequence((other, end)), escaped]
    if _END not in expected:
        options.append(Literal('"'))
    return f"not-{''.join(chars)}", Choice(tuple(options))
