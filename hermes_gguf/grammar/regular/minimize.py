"""Hopcroft's minimisation of a complete deterministic automaton, by tables alone.

Source: J. Hopcroft, "An n log n algorithm for minimizing states in a finite
automaton", 1971.
"""

from __future__ import annotations

from collections.abc import Sequence


def minimize(
    delta: Sequence[Sequence[int]], accepts: Sequence[bool]
) -> tuple[list[tuple[int, ...]], list[bool]]:
    """The smallest equal automaton; states numbered from the start breadth-first.

    All states must be reachable from state 0.
    """
    block_of = _refine(delta, accepts)
    order: dict[int, int] = {block_of[0]: 0}
    members = [0]
    rows: list[tuple[int, ...]] = []
    for state in members:  # grows while it is read
        row = []
        for target in delta[state]:
            block = block_of[target]
            if block not in order:
                order[block] = len(members)
                members.append(target)
            row.append(order[block])
        rows.append(tuple(row))
    return rows, [bool(accepts[s]) for s in members]


def _refine(delta: Sequence[Sequence[int]], accepts: Sequence[bool]) -> list[int]:
    """The block of each state in the coarsest partition that `delta` respects."""
    n, width = len(delta), len(delta[0])
    sources: list[list[list[int]]] = [[[] for _ in range(n)] for _ in range(width)]
    for state, row in enumerate(delta):
        for symbol, target in enumerate(row):
            sources[symbol][target].append(state)
    yes = {s for s in range(n) if accepts[s]}
    blocks = [b for b in (yes, set(range(n)) - yes) if b]
    block_of = [0] * n
    for state in blocks[-1]:
        block_of[state] = len(blocks) - 1
    pending = {min(range(len(blocks)), key=lambda i: len(blocks[i]))}
    while pending and len(blocks) < n:
        splitter = list(blocks[pending.pop()])
        for symbol in range(width):
            _split_by(sources[symbol], splitter, blocks, block_of, pending)
    return block_of


def _split_by(
    sources: list[list[int]],
    splitter: list[int],
    blocks: list[set[int]],
    block_of: list[int],
    pending: set[int],
) -> None:
    touched: dict[int, list[int]] = {}
    for target in splitter:
        for state in sources[target]:
            touched.setdefault(block_of[state], []).append(state)
    for number, states in touched.items():
        block = blocks[number]
        if len(states) == len(block):
            continue
        new = len(blocks)
        block.difference_update(states)
        blocks.append(set(states))
        for state in states:
            block_of[state] = new
        if number in pending or len(states) <= len(block):
            pending.add(new)
        else:
            pending.add(number)
