"""Small grammars over plain text: text up to a closing tag, and factored names.

Both are written so that a parser keeps one stack alive in them, llama.cpp's too.
Knows GBNF nodes only.
"""

from __future__ import annotations

from collections.abc import Sequence as Seq

from .gbnf import Chars, GrammarBuilder, Node, RuleRef, choice, seq

#: Below this nesting, names that share a beginning stay separate options.
MAX_TRIE_DEPTH = 100


def text_until(builder: GrammarBuilder, hint: str, close: str) -> RuleRef:
    """Any text that ends with `close` and holds it nowhere else.

    One rule for each number of characters of `close` that were seen, as in the
    search of Knuth, Morris and Pratt.
    """
    refs = [builder.reserve(f"{hint}-{i}" if i else hint) for i in range(len(close))]
    for i, ref in enumerate(refs):
        matched = {c: _longest_suffix(close[:i] + c, close) for c in sorted(set(close))}
        useful = {char: n for char, n in matched.items() if n}
        options: list[Node] = [
            seq(char) if n == len(close) else seq(char, refs[n])
            for char, n in useful.items()
        ]
        other = Chars(tuple((ord(c), ord(c)) for c in useful), negated=True)
        builder.define(ref, choice([*options, seq(other, refs[0])]))
    return refs[0]


def _longest_suffix(text: str, close: str) -> int:
    """How much of `close` the text ends with."""
    return next(n for n in range(len(text), -1, -1) if text.endswith(close[:n]))


def factored(options: Seq[tuple[str, Node]]) -> Node:
    """A choice of texts, each followed by its node, with common beginnings shared.

    Options keep the order in which their beginnings first occur.
    """
    return _factored(options, 0, 0)


def _factored(options: Seq[tuple[str, Node]], at: int, depth: int) -> Node:
    groups: dict[str, list[tuple[str, Node]]] = {}
    for text, node in options:
        groups.setdefault(text[at : at + 1], []).append((text, node))
    out: list[Node] = []
    for char, group in groups.items():
        if len(group) == 1 or not char or depth >= MAX_TRIE_DEPTH:
            out.extend(seq(text[at:], node) for text, node in group)
            continue
        end = _common_length([text for text, _ in group])
        out.append(seq(group[0][0][at:end], _factored(group, end, depth + 1)))
    return choice(out)


def _common_length(texts: Seq[str]) -> int:
    low, high = min(texts), max(texts)
    length = 0
    while length < len(low) and low[length] == high[length]:
        length += 1
    return length
