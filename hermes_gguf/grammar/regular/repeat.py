"""Counted repetition beyond what one GBNF operator can count."""

from __future__ import annotations

from ..gbnf import EMPTY, GrammarBuilder, Node, Repeat, choice, seq

#: What llama.cpp allows in one operator. Source: llama-grammar.cpp,
#: MAX_REPETITION_THRESHOLD.
MAX_REPEAT = 2000
#: Counts up to this are written in place.
_MAX_INLINE = 600


def counted(
    node: Node, low: int, high: int | None, builder: GrammarBuilder, hint: str
) -> Node:
    """`node` repeated from `low` to `high` times (None: no limit).

    High counts become rules: llama.cpp makes a rule of each count, and repeats no
    group of more than `MAX_REPEAT` of them.
    """
    repeated = _counted(node, low, high, builder, hint)
    if max(low, high or 0) <= _MAX_INLINE:
        return repeated
    return builder.add(f"{hint}-run", repeated)


def _counted(
    node: Node, low: int, high: int | None, builder: GrammarBuilder, hint: str
) -> Node:
    if high is not None and high <= MAX_REPEAT:
        return _plain(node, low, high)
    if high is None:
        if low <= MAX_REPEAT:
            return _plain(node, low, None)
        return seq(_exactly(node, low, builder, hint), Repeat(node))
    head = _exactly(node, low, builder, hint)
    return seq(head, _up_to(node, high - low, builder, hint))


def _plain(node: Node, low: int, high: int | None) -> Node:
    if high == 0:
        return EMPTY
    return node if (low, high) == (1, 1) else Repeat(node, low, high)


def _exactly(node: Node, count: int, builder: GrammarBuilder, hint: str) -> Node:
    if count <= MAX_REPEAT:
        return _plain(node, count, count)
    chunk = builder.add(f"{hint}-{MAX_REPEAT // 2}", _chunk(node))
    many, rest = divmod(count, MAX_REPEAT // 2)
    return seq(
        counted(chunk, many, many, builder, hint),
        _plain(node, rest, rest),
    )


def _up_to(node: Node, count: int, builder: GrammarBuilder, hint: str) -> Node:
    """Full chunks and less than a chunk, so that every count has one derivation."""
    if count <= MAX_REPEAT:
        return _plain(node, 0, count)
    size = MAX_REPEAT // 2
    chunk = builder.add(f"{hint}-{size}", _chunk(node))
    many, rest = divmod(count, size)
    if rest == size - 1:
        return seq(counted(chunk, 0, many, builder, hint), _plain(node, 0, rest))
    less = seq(counted(chunk, 0, many - 1, builder, hint), _plain(node, 0, size - 1))
    full = seq(counted(chunk, many, many, builder, hint), _plain(node, 0, rest))
    return choice([less, full])


def _chunk(node: Node) -> Node:
    return Repeat(node, MAX_REPEAT // 2, MAX_REPEAT // 2)
