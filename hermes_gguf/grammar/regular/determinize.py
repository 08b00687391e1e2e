"""From a nondeterministic automaton without assertions to a deterministic one.

Subset construction; sets of states are bit masks. `lookaround` does the general case.
"""

from __future__ import annotations

from .alphabet import partition
from .dfa import MAX_STATES, Dfa
from .errors import LanguageBudgetError
from .nfa import Nfa

#: Single moves followed during one construction; about half a second's worth.
MAX_WORK = 1_500_000


def determinize(nfa: Nfa) -> Dfa:
    """The minimal deterministic automaton of an NFA without guards.

    Raises:
        LanguageBudgetError: too many states, or too much work.
    """
    assert not nfa.guarded, "assertions need determinize_guarded"
    starts, classes, width = partition(nfa.sets)
    by_class = _moves_by_class(nfa, starts, classes, width)
    jump = _jumps(nfa)
    final = sum(1 << s for s in nfa.finals)
    absorbing = {1 << s: _closure(nfa, s) for s in nfa.absorbing}
    first = _saturate(_closure(nfa, nfa.start), absorbing)
    index = {first: 0}
    todo = [first]
    known: dict[int, int] = {}
    delta: list[list[int]] = []
    work = 0
    for mask in todo:  # grows while it is read
        row = []
        for readable in by_class:
            bits = mask & readable
            number = known.get(bits)
            if number is None:
                work += bits.bit_count() + 1
                target = _saturate(_follow(bits, jump), absorbing)
                number = index.get(target)
                if number is None:
                    number = index[target] = len(todo)
                    todo.append(target)
                known[bits] = number
            row.append(number)
        delta.append(row)
        if len(todo) > MAX_STATES or work > MAX_WORK:
            raise LanguageBudgetError(
                f"the pattern needs more than {MAX_STATES} deterministic states"
            )
    return Dfa.build(starts, classes, delta, [bool(m & final) for m in todo])


def _follow(bits: int, jump: list[int]) -> int:
    target = 0
    while bits:
        low = bits & -bits
        target |= jump[low.bit_length() - 1]
        bits ^= low
    return target


def _saturate(mask: int, absorbing: dict[int, int]) -> int:
    """A set that accepts whatever follows needs no other member."""
    for bit, closure in absorbing.items():
        if mask & bit:
            return closure
    return mask


def _moves_by_class(
    nfa: Nfa, starts: tuple[int, ...], classes: tuple[int, ...], width: int
) -> list[int]:
    """Per class: the mask of the states that can read it."""
    readers = [0] * len(nfa.sets)
    for state, move in enumerate(nfa.moves):
        if move is not None:
            readers[move[0]] |= 1 << state
    position = {start: i for i, start in enumerate(starts)}
    by_class = [0] * width
    for set_index, ranges in enumerate(nfa.sets):
        for low, high in ranges:
            i = position[low]
            while i < len(starts) and starts[i] <= high:
                if classes[i] >= 0:
                    by_class[classes[i]] |= readers[set_index]
                i += 1
    return by_class


def _jumps(nfa: Nfa) -> list[int]:
    """Per state: the closure of its move's target."""
    closures: dict[int, int] = {}
    jumps = []
    for move in nfa.moves:
        if move is None:
            jumps.append(0)
            continue
        target = move[1]
        if target not in closures:
            closures[target] = _closure(nfa, target)
        jumps.append(closures[target])
    return jumps


def _closure(nfa: Nfa, state: int) -> int:
    """The moving, final and absorbing states that free steps reach, as a mask."""
    seen = {state}
    pending = [state]
    mask = 0
    while pending:
        now = pending.pop()
        if nfa.moves[now] is not None or now in nfa.finals or now in nfa.absorbing:
            mask |= 1 << now
        for _, target in nfa.steps[now]:
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return mask
