"""Minimisation of a complete deterministic automaton, by tables alone.

States are told apart by their distances from acceptance first, which settles long
chains at once. Then blocks of states are split by where their rows lead, round after
round; looked at again are only states of which a target has moved, and the larger part
of a block never moves.

Source: J. Hopcroft, "An n log n algorithm for minimizing states in a finite
automaton", 1971, for the larger part; A. Valmari, "Fast brief practical DFA
minimization", 2012, for what is looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence


def minimize(
    delta: Sequence[Sequence[int]], accepts: Sequence[bool]
) -> tuple[list[tuple[int, ...]], list[bool]]:
    """The smallest equal automaton; states numbered from the start breadth-first.

    All states must be reachable from state 0.
    """
    sources: list[list[int]] = [[] for _ in delta]
    for state, row in enumerate(delta):
        for target in set(row):
            sources[target].append(state)
    block_of = _distances(sources, accepts)
    _refine(delta, sources, block_of)
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


def _distances(sources: Sequence[list[int]], accepts: Sequence[bool]) -> list[int]:
    """Per state: how far it is to acceptance and to refusal, as one number."""
    n = len(sources)
    far = [0] * n
    for wanted, factor in ((True, 1), (False, n + 1)):
        level = [s for s in range(n) if bool(accepts[s]) is wanted]
        new = set(range(n)).difference(level)
        distance = 0
        while level:
            distance += factor
            following = []
            for target in level:
                for state in sources[target]:
                    if state in new:
                        new.discard(state)
                        far[state] += distance
                        following.append(state)
            level = following
        for state in new:
            far[state] += n * factor
    return far


def _refine(
    delta: Sequence[Sequence[int]], sources: Sequence[list[int]], block_of: list[int]
) -> None:
    """Split blocks until all states of one lead to the same blocks.

    `block_of` may begin with any numbers that equal states have in common.
    """
    members: dict[int, set[int]] = {}
    for state, block in enumerate(block_of):
        members.setdefault(block, set()).add(state)
    n_blocks = max(members) + 1
    unsure = [s for block in members.values() if len(block) > 1 for s in block]
    while unsure:
        by_block: dict[int, list[int]] = {}
        for state in unsure:
            by_block.setdefault(block_of[state], []).append(state)
        moved = [
            (block, part)
            for block, states in by_block.items()
            for part in _leaving(members[block], states, delta, block_of)
        ]
        for block, part in moved:
            members[block].difference_update(part)
            members[n_blocks] = set(part)
            for state in part:
                block_of[state] = n_blocks
            n_blocks += 1
        touched = {s for _, part in moved for target in part for s in sources[target]}
        unsure = [s for s in touched if len(members[block_of[s]]) > 1]


def _leaving(
    inside: set[int],
    unsure: list[int],
    delta: Sequence[Sequence[int]],
    block_of: list[int],
) -> list[list[int]]:
    """The parts of a block that differ from the largest one.

    States that are not among the unsure ones are known to lead to the same blocks.
    """
    look_up = block_of.__getitem__
    groups: dict[tuple[int, ...], list[int]] = {}
    for state in unsure:
        key = tuple(map(look_up, delta[state]))
        groups.setdefault(key, []).append(state)
    if len(unsure) < len(inside):
        sure = next(iter(inside.difference(unsure)))
        groups.pop(tuple(map(look_up, delta[sure])), None)
    parts = list(groups.values())
    if not parts:
        return []
    largest = max(parts, key=len)
    if len(inside) - sum(map(len, parts)) < len(largest):
        parts.remove(largest)
        rest = list(inside.difference(largest, *parts))
        return [*parts, rest] if rest else parts
    return parts
