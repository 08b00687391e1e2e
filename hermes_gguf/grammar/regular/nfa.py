"""A regular expression as a nondeterministic automaton.

States are numbers. A state has at most one move (a set of characters), or free steps,
some of which hold only under an assertion. Knows nothing of determinism.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ..scalars import SCALARS, Ranges
from .classes import WORD
from .errors import LanguageBudgetError
from .syntax import (
    Alt,
    Assert,
    Cat,
    Look,
    Regex,
    Rep,
    Set,
    children,
    has_assertions,
)

MAX_NFA_STATES = 20_000


@dataclass(frozen=True, slots=True)
class Lookaround:
    """A fragment that must (not) match before or behind a position."""

    start: int
    behind: bool
    negative: bool


Guard: TypeAlias = str | Lookaround | None


@dataclass(slots=True)
class Nfa:
    """The automaton; `start` and `finals` are those of the whole expression.

    Attributes:
        moves: Per state: index into `sets` and the target, or None.
        steps: Per state: the free steps, each with its guard.
        finals: States that end the expression or a lookaround's fragment.
        absorbing: Finals that stay final whatever follows.
        behinds: Starts of the lookbehind fragments.
        guarded: Whether any step has a guard.
    """

    sets: list[Ranges] = field(default_factory=list)
    moves: list[tuple[int, int] | None] = field(default_factory=list)
    steps: list[list[tuple[Guard, int]]] = field(default_factory=list)
    finals: set[int] = field(default_factory=set)
    absorbing: set[int] = field(default_factory=set)
    behinds: list[int] = field(default_factory=list)
    start: int = 0
    guarded: bool = False
    _set_ids: dict[Ranges, int] = field(default_factory=dict)
    #: Expression and target (and how often it may still come) → where it starts.
    _starts: dict[tuple[int, ...], int] = field(default_factory=dict)
    _numbers: dict[object, int] = field(default_factory=dict)
    #: By identity, which is theirs as long as they are kept.
    _numbered: dict[int, tuple[Regex, int]] = field(default_factory=dict)

    def state(self) -> int:
        """A new state without moves or steps."""
        if len(self.moves) >= MAX_NFA_STATES:
            raise LanguageBudgetError(
                f"the pattern needs more than {MAX_NFA_STATES} automaton states"
            )
        self.moves.append(None)
        self.steps.append([])
        return len(self.moves) - 1

    def set_id(self, ranges: Ranges) -> int:
        """The index of a set in `sets`, added when it is new."""
        if ranges not in self._set_ids:
            self._set_ids[ranges] = len(self.sets)
            self.sets.append(ranges)
        return self._set_ids[ranges]

    def number(self, node: Regex) -> int:
        """A number for an expression; equal ones have the same."""
        known = self._numbered.get(id(node))
        if known is not None:
            return known[1]
        parts: tuple[object, ...]
        match node:
            case Set(ranges):
                parts = (self.set_id(ranges),)
            case Rep(inner, low, high):
                parts = (self.number(inner), low, high)
            case Assert(kind):
                parts = (kind,)
            case Look():
                parts = (self.number(node.node), node.behind, node.negative)
            case _:
                parts = tuple([self.number(child) for child in children(node)])
        number = self._numbers.setdefault((type(node), *parts), len(self._numbers))
        self._numbered[id(node)] = node, number
        return number


def build_nfa(node: Regex) -> Nfa:
    """The automaton that reads exactly the texts that `node` matches as a whole.

    Parts that are alike and go on alike are made once.
    """
    nfa = Nfa()
    nfa.guarded = has_assertions(node)
    if nfa.guarded:
        nfa.set_id(WORD)  # \\b needs the alphabet to tell word characters apart
    end = nfa.state()
    nfa.finals.add(end)
    nfa.start = _add(nfa, node, end)
    for state in nfa.finals:
        nfa.absorbing.update(_loops_forever(nfa, state))
    return nfa


def _loops_forever(nfa: Nfa, final: int) -> list[int]:
    """States that read anything for ever and are one free step from the final."""
    full = nfa.set_id(SCALARS)
    return [
        state
        for state, steps in enumerate(nfa.steps)
        if (None, final) in steps
        and any(g is None and nfa.moves[t] == (full, state) for g, t in steps)
    ]


def _add(nfa: Nfa, node: Regex, target: int) -> int:
    """States that match `node` and go on at `target`; their start.

    The end of one alternative is often that of others too, and made once.
    """
    key = (nfa.number(node), target)
    start = nfa._starts.get(key)
    if start is None:
        start = nfa._starts[key] = _add_new(nfa, node, target)
    return start


def _add_new(nfa: Nfa, node: Regex, target: int) -> int:
    match node:
        case Set(ranges):
            state = nfa.state()
            if ranges:
                nfa.moves[state] = (nfa.set_id(ranges), target)
            return state
        case Cat(parts):
            for part in reversed(parts):
                target = _add(nfa, part, target)
            return target
        case Alt(options):
            state = nfa.state()
            nfa.steps[state] = [(None, _add(nfa, o, target)) for o in options]
            return state
        case Rep(inner, low, high):
            return _add_repeat(nfa, inner, low, high, target)
        case Assert(kind):
            state = nfa.state()
            nfa.steps[state] = [(kind, target)]
            return state
        case Look():
            return _add_look(nfa, node, target)


def _add_repeat(nfa: Nfa, node: Regex, low: int, high: int | None, target: int) -> int:
    if high is None:
        loop = nfa.state()
        nfa.steps[loop] = [(None, _add(nfa, node, loop)), (None, target)]
        start = loop
    else:
        start = target
        for times in range(1, high - low + 1):
            key = (nfa.number(node), target, times)
            state = nfa._starts.get(key)
            if state is None:
                state = nfa._starts[key] = nfa.state()
                nfa.steps[state] = [(None, _add(nfa, node, start)), (None, target)]
            start = state
    for _ in range(low):
        start = _add(nfa, node, start)
    return start


def _add_look(nfa: Nfa, node: Look, target: int) -> int:
    end = nfa.state()
    nfa.finals.add(end)
    anything = Rep(Set(SCALARS), 0, None)
    if node.behind:
        start = _add(nfa, Cat((anything, node.node)), end)
        nfa.behinds.append(start)
    else:
        start = _add(nfa, Cat((node.node, anything)), end)
    state = nfa.state()
    nfa.steps[state] = [(Lookaround(start, node.behind, node.negative), target)]
    return state
