"""Automata and lengths: how long accepted texts are, and texts of given lengths."""

from __future__ import annotations

from functools import lru_cache

from ..scalars import SCALARS
from .determinize import determinize
from .dfa import MAX_STATES, Dfa
from .errors import LanguageBudgetError
from .nfa import build_nfa
from .syntax import Rep, Set


@lru_cache(maxsize=256)
def dfa_of_length(low: int, high: int | None) -> Dfa:
    """Every text of so many characters.

    Raises:
        LanguageBudgetError: a bound is too long.
    """
    if max(low, high or 0) > MAX_STATES:
        raise LanguageBudgetError(
            f"a length beyond {MAX_STATES} cannot be combined with other constraints"
        )
    return determinize(build_nfa(Rep(Set(SCALARS), low, high)))


def longest_length(dfa: Dfa) -> int | None:
    """The length of the longest accepted text; None when there is no limit."""
    depth: dict[int, int] = {}
    order: list[int] = []
    indegree = dict.fromkeys(dfa.live, 0)
    for state in dfa.live:
        for target in set(dfa.delta[state]) & dfa.live:
            indegree[target] += 1
    ready = [s for s, n in indegree.items() if n == 0]
    while ready:
        state = ready.pop()
        order.append(state)
        for target in set(dfa.delta[state]) & dfa.live:
            depth[target] = max(depth.get(target, 0), depth.get(state, 0) + 1)
            indegree[target] -= 1
            if indegree[target] == 0:
                ready.append(target)
    if len(order) < len(dfa.live):
        return None
    return max((depth.get(s, 0) for s in order), default=0)


def shortest_length(dfa: Dfa) -> int | None:
    """The length of the shortest accepted text; None when there is none."""
    level, seen, depth = {0}, {0}, 0
    while level:
        if any(dfa.accepts[s] for s in level):
            return depth
        level = set().union(*map(dfa.delta.__getitem__, level)) - seen
        seen |= level
        depth += 1
    return None


def has_length(dfa: Dfa, low: int, high: int | None) -> bool:
    """Whether some accepted text has a length between the bounds."""
    level = frozenset([0]) & dfa.live
    seen: dict[frozenset[int], int] = {}
    length = 0
    while length < low:
        if level in seen:
            period = length - seen[level]
            length += (low - length) // period * period
            seen.clear()
            if length == low:
                break
        seen[level] = length
        level = _next_level(dfa, level)
        length += 1
    for extra in range(len(dfa.delta) + 1):
        if high is not None and length + extra > high:
            return False
        if any(dfa.accepts[s] for s in level):
            return True
        level = _next_level(dfa, level)
    return False


def _next_level(dfa: Dfa, level: frozenset[int]) -> frozenset[int]:
    return frozenset().union(*map(dfa.delta.__getitem__, level)) & dfa.live
