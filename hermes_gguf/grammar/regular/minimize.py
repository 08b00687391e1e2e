"""Minimisation of a complete deterministic automaton, by tables alone.

States are told apart by their distances from acceptance first, which settles long
chains at once; then a few rounds of Moore's method settle most automata, and each is
cheap. The rest is left to Hopcroft's.

Source: J. Hopcroft, "An n log n algorithm for minimizing states in a finite
automaton", 1971.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Rounds over the whole table before Hopcroft's method is cheaper.
_MAX_ROUNDS = 6


def minimize(
    delta: Sequence[Sequence[int]], accepts: Sequence[bool]
) -> tuple[list[tuple[int, ...]], list[bool]]:
    """The smallest equal automaton; states numbered from the start breadth-first.

    All states must be reachable from state 0.
    """
    far = _distances(delta, accepts)
    block_of = _refine_in_rounds(delta, far) or _refine(delta, accepts)
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


def _refine_in_rounds(
    delta: Sequence[Sequence[int]], blocks: list[int]
) -> list[int] | None:
    """The block of each state, as `_refine` finds it; None after too many rounds.

    `blocks` may be any numbers that states that are equal have in common.
    """
    members: dict[int, list[int]] = {}
    for state, block in enumerate(blocks):
        members.setdefault(block, []).append(state)
    n_blocks = max(members) + 1
    # A state that is alone is told apart from all others for good.
    pending = [states for states in members.values() if len(states) > 1]
    for _ in range(_MAX_ROUNDS):
        block_of = blocks.__getitem__
        following: list[list[int]] = []
        n_before = n_blocks
        for states in pending:
            groups: dict[tuple[int, ...], list[int]] = {}
            for state in states:
                key = tuple(map(block_of, delta[state]))
                groups.setdefault(key, []).append(state)
            parts = list(groups.values())
            for part in parts[1:]:
                for state in part:
                    blocks[state] = n_blocks
                n_blocks += 1
            following += [part for part in parts if len(part) > 1]
        if n_blocks == n_before:
            return blocks
        pending = following
    return None


def _distances(delta: Sequence[Sequence[int]], accepts: Sequence[bool]) -> list[int]:
    """Per state: how far it is to acceptance and to refusal, as one number."""
    sources: list[list[int]] = [[] for _ in delta]
    for state, row in enumerate(delta):
        for target in set(row):
            sources[target].append(state)
    n = len(delta)
    far = [0] * n
    for wanted, factor in ((True, 1), (False, n + 1)):
        level = [s for s in range(n) if bool(accepts[s]) is wanted]
        seen = set(level)
        distance = 0
        while level:
            for state in level:
                far[state] += distance * factor
            distance += 1
            level = [s for target in level for s in sources[target] if s not in seen]
            seen.update(level)
            level = list(dict.fromkeys(level))
        for state in range(n):
            if state not in seen:
                far[state] += n * factor
    return far


def _refine(delta: Sequence[Sequence[int]], accepts: Sequence[bool]) -> list[int]:
    """The block of each state in the coarsest partition that `delta` respects.

    States from which nothing is accepted are one block that never splits another one,
    so the many transitions into it cost nothing.
    """
    n = len(delta)
    live = _live(delta, accepts)
    into: list[dict[int, list[int]]] = [{} for _ in range(n)]
    for state, row in enumerate(delta):
        for symbol, target in enumerate(row):
            if live[target]:
                into[target].setdefault(symbol, []).append(state)
    yes = {s for s in range(n) if accepts[s]}
    no = {s for s in range(n) if live[s]} - yes
    dead = {s for s in range(n) if not live[s]}
    blocks = [b for b in (yes, no, dead) if b]
    block_of = [0] * n
    for number, block in enumerate(blocks):
        for state in block:
            block_of[state] = number
    pending = {i for i, block in enumerate(blocks) if block is not dead}
    while pending and len(blocks) < n:
        readers: dict[int, list[int]] = {}
        for target in blocks[pending.pop()]:
            for symbol, states in into[target].items():
                readers.setdefault(symbol, []).extend(states)
        for states in readers.values():
            _split_by(states, blocks, block_of, pending)
    return block_of


def _live(delta: Sequence[Sequence[int]], accepts: Sequence[bool]) -> list[bool]:
    """Per state: whether some text is accepted from there."""
    sources: list[set[int]] = [set() for _ in delta]
    for state, row in enumerate(delta):
        for target in set(row):
            sources[target].add(state)
    live = list(map(bool, accepts))
    pending = [s for s, yes in enumerate(live) if yes]
    while pending:
        for source in sources[pending.pop()]:
            if not live[source]:
                live[source] = True
                pending.append(source)
    return live


def _split_by(
    readers: list[int], blocks: list[set[int]], block_of: list[int], pending: set[int]
) -> None:
    """Part the states that read some symbol into the splitter from the others."""
    touched: dict[int, list[int]] = {}
    for state in readers:
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
