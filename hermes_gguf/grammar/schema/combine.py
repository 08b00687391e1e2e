"""GBNF nodes that may match nothing at all, joined so that nothing stays nothing.

`NOTHING` is the empty language, for which GBNF has no spelling: it must be swept out
of a grammar before it is printed. Also factors what alternatives have in common at
their heads, so that a parser does not walk a hundred of them side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hermes_gguf.grammar.gbnf import (
    EMPTY,
    Chars,
    Choice,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    choice,
    seq,
)
from hermes_gguf.grammar.gbnf_check import postorder

#: Matches no text at all.
NOTHING = Choice(())


def join(*parts: Node | str) -> Node:
    """The parts in order; nothing when one of them is nothing."""
    for part in parts:
        if part is NOTHING:
            return NOTHING
    return seq(*parts)


def either(options: Iterable[Node]) -> Node:
    """One of the options that are something, with common heads written once."""
    found = [option for option in options if option is not NOTHING]
    if not found:
        return NOTHING
    return found[0] if len(found) == 1 else factored(found)


def maybe(node: Node) -> Node:
    """The node or the empty text."""
    if node in (NOTHING, EMPTY):
        return EMPTY
    if isinstance(node, Repeat) and node.min == 0:
        return node
    return Repeat(node, 0, 1)


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Sequence) else (node,)


def _head(node: Node) -> object:
    """What alternatives must share to be written together: a character, or a node."""
    first = _parts(node)[:1]
    if not first:
        return None
    return first[0].text[0] if isinstance(first[0], Literal) else first[0]


def factored(options: Iterable[Node]) -> Node:
    """A choice in which options with a common head stand behind that head.

    Only literal text is factored, and nodes that are equal as a whole.
    """
    groups: dict[object, list[Node]] = {}
    for option in options:
        for one in option.options if isinstance(option, Choice) else (option,):
            groups.setdefault(_head(one), []).append(one)
    found = [_factor_group(group) for group in groups.values()]
    # What begins differently is different, so `choice` need not compare it.
    return found[0] if len(found) == 1 else Choice(tuple(found))


def _factor_group(group: list[Node]) -> Node:
    group = list(dict.fromkeys(group))
    if len(group) == 1:
        return group[0]
    sequences = [_parts(node) for node in group]
    if not all(sequences):
        return EMPTY
    heads = [parts[0] for parts in sequences]
    if all(isinstance(head, Literal) for head in heads):
        texts = [head.text for head in heads if isinstance(head, Literal)]
        size = _common_length(texts)
        tails = [
            seq(text[size:], *parts[1:])
            for text, parts in zip(texts, sequences, strict=True)
        ]
        return seq(texts[0][:size], _grouped(factored(tails)))
    return seq(heads[0], _grouped(factored(seq(*parts[1:]) for parts in sequences)))


def _grouped(node: Node) -> Node:
    """An empty option is written as `?`, which is easier to read."""
    if isinstance(node, Choice) and EMPTY in node.options:
        return maybe(choice(o for o in node.options if o != EMPTY))
    return node


def _common_length(texts: list[str]) -> int:
    low, high = min(texts), max(texts)
    for i, char in enumerate(low):
        if char != high[i]:
            return i
    return len(low)


def find_unproductive(rules: Mapping[str, Node]) -> set[str]:
    """The rules that match no text, however far they are followed.

    Args:
        rules: The rules in question; all others are taken to match something.
    """
    # Inner rules are made after those that need them, so the last are told first.
    pending = dict.fromkeys(list(rules)[::-1])

    def matches(node: Node) -> bool:
        kind = type(node)
        if kind is RuleRef:
            return node.name not in pending  # type: ignore[union-attr]
        if kind is Sequence:
            return all(map(matches, node.parts))  # type: ignore[union-attr]
        if kind is Choice:
            return any(map(matches, node.options))  # type: ignore[union-attr]
        if kind is Repeat:
            return node.min == 0 or matches(node.node)  # type: ignore[union-attr]
        return True

    while True:
        n_before = len(pending)
        for name in list(pending):
            if matches(rules[name]):
                del pending[name]
        if not pending or len(pending) == n_before:
            return set(pending)


def without_rules(body: Node, gone: set[str]) -> Node:
    """The body without what refers to these rules."""
    done: dict[int, Node] = {}
    for node in postorder(body):
        match node:
            case RuleRef(name):
                new: Node = NOTHING if name in gone else node
            case Sequence(parts):
                new = join(*(done[id(p)] for p in parts))
            case Choice(options):
                kept = [done[id(o)] for o in options if done[id(o)] is not NOTHING]
                new = choice(kept) if kept else NOTHING
            case Repeat(inner, low, high):
                new = _repeated(done[id(inner)], low, high)
            case Literal() | Chars():
                new = node
        done[id(node)] = new
    return done[id(body)]


def _repeated(inner: Node, low: int, high: int | None) -> Node:
    if inner is NOTHING:
        return EMPTY if low == 0 else NOTHING
    return EMPTY if inner == EMPTY else Repeat(inner, low, high)
