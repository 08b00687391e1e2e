"""From an automaton with assertions to a deterministic one.

A configuration is what has to be known at a position: the threads of the expression,
what stands before the position, and how far each lookbehind has come. A thread carries
the lookaheads that it still owes: each is itself a set of threads that must accept
(or must not accept) all of the text that is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .alphabet import partition
from .classes import WORD
from .dfa import MAX_STATES, Dfa
from .errors import LanguageBudgetError
from .nfa import Lookaround, Nfa

MAX_WORK = 400_000

#: What stands beside a position.
EDGE, OTHER, WORD_CHAR = 0, 1, 2

Debt: TypeAlias = "tuple[bool, Threads]"
Thread: TypeAlias = "tuple[int, frozenset[Debt]]"
Threads: TypeAlias = "frozenset[Thread]"

_FREE: frozenset[Debt] = frozenset()


@dataclass(frozen=True)
class _Config:
    threads: Threads
    before: int
    behinds: tuple[Threads, ...]


def determinize_guarded(nfa: Nfa) -> Dfa:
    """The minimal deterministic automaton of an NFA with assertions.

    Raises:
        LanguageBudgetError: too many states, or too much work.
    """
    return _Determinizer(nfa).run()


class _Determinizer:
    def __init__(self, nfa: Nfa) -> None:
        self.nfa = nfa
        self.starts, self.classes, self.width = partition(nfa.sets)
        ends = [*(s - 1 for s in self.starts[1:]), 0x10FFFF]
        #: Per class of characters: the sets that hold it, as a mask.
        self.readable = [0] * self.width
        self.kind = [OTHER] * self.width
        for low, high, number in zip(self.starts, ends, self.classes, strict=True):
            if number < 0:
                continue
            if any(a <= low and high <= b for a, b in WORD):
                self.kind[number] = WORD_CHAR
            for index, ranges in enumerate(nfa.sets):
                if any(a <= low and high <= b for a, b in ranges):
                    self.readable[number] |= 1 << index
        self.work = 0
        #: The closures asked for at one position: most characters ask for the same.
        self._closures: dict[tuple[Threads, int], set[Thread]] = {}
        self._position: _Config | None = None
        self._reads: dict[int, int] = {}

    def run(self) -> Dfa:
        behinds = tuple(frozenset({(s, _FREE)}) for s in self.nfa.behinds)
        first = _Config(frozenset({(self.nfa.start, _FREE)}), EDGE, behinds)
        index = {first: 0}
        todo = [first]
        delta: list[list[int]] = []
        for config in todo:  # grows while it is read
            row = []
            known: dict[tuple[int, int], int] = {}
            wanted = self.wanted(config)
            for symbol in range(self.width):
                key = (self.kind[symbol], self.readable[symbol] & wanted)
                number = known.get(key)
                if number is None:
                    target = self.read(config, symbol)
                    if target not in index:
                        index[target] = len(todo)
                        todo.append(target)
                    number = known[key] = index[target]
                row.append(number)
            delta.append(row)
            if len(todo) > MAX_STATES or self.work > MAX_WORK:
                raise LanguageBudgetError("the pattern's assertions need too much work")
        flags = [self.accepts(c.threads, c) for c in todo]
        return Dfa.build(self.starts, self.classes, delta, flags)

    def wanted(self, config: _Config) -> int:
        """The sets that may be read at a position, as a mask.

        Characters that are in the same of these, and of one kind, lead to one place.
        """
        mask = 0
        pending = [config.threads, *config.behinds]
        for threads in pending:  # grows while it is read
            for state, debts in threads:
                mask |= self.reads(state)
                pending += [owed for _, owed in debts]
        return mask

    def reads(self, state: int) -> int:
        """The sets that some way on from this state reads first, as a mask."""
        mask = self._reads.get(state)
        if mask is None:
            mask = 0
            seen = {state}
            pending = [state]
            while pending:
                at = pending.pop()
                move = self.nfa.moves[at]
                if move is not None:
                    mask |= 1 << move[0]
                for guard, target in self.nfa.steps[at]:
                    ahead = [guard.start] if isinstance(guard, Lookaround) else []
                    new = {target, *ahead} - seen
                    seen |= new
                    pending += new
            self._reads[state] = mask
        return mask

    def read(self, config: _Config, symbol: int) -> _Config:
        kind = self.kind[symbol]
        threads = self.step(config.threads, config, symbol)
        behinds = tuple(self.step(b, config, symbol) for b in config.behinds)
        if not threads or self.is_settled(threads):
            # Nothing that follows matters: do not tell such configurations apart.
            return _Config(threads, OTHER, ())
        return _Config(threads, kind, behinds)

    def is_settled(self, threads: Threads) -> bool:
        return any(s in self.nfa.absorbing and not debts for s, debts in threads)

    def step(self, threads: Threads, config: _Config, symbol: int) -> Threads:
        """The threads after one more character, settled debts dropped."""
        after: set[Thread] = set()
        for state, debts in self.closure(threads, config, self.kind[symbol]):
            move = self.nfa.moves[state]
            if move is None or not self.readable[symbol] >> move[0] & 1:
                continue
            rest = self.pay(debts, config, symbol)
            if rest is not None:
                after.add((move[1], rest))
        for state, debts in after:
            if not debts and self.reaches_absorbing(state):
                return frozenset({(self.reaches_absorbing(state)[0], _FREE)})
        return frozenset(after)

    def reaches_absorbing(self, state: int) -> list[int]:
        """The absorbing state that this one is, or steps to unconditionally."""
        if state in self.nfa.absorbing:
            return [state]
        return [
            target
            for guard, target in self.nfa.steps[state]
            if guard is None and target in self.nfa.absorbing
        ]

    def pay(
        self, debts: frozenset[Debt], config: _Config, symbol: int
    ) -> frozenset[Debt] | None:
        """The debts one character later; None when one can no longer be met."""
        rest: set[Debt] = set()
        for negative, threads in debts:
            after = self.step(threads, config, symbol)
            if not after or self.is_settled(after):
                if bool(after) == negative:
                    return None
            else:
                rest.add((negative, after))
        return frozenset(rest)

    def closure(self, threads: Threads, config: _Config, after: int) -> set[Thread]:
        """All threads that free steps reach when `after` comes next."""
        if config is not self._position:
            self._position = config
            self._closures.clear()
        key = (threads, after)
        known = self._closures.get(key)
        if known is None:
            known = self._closures[key] = self._closed(threads, config, after)
        return known

    def _closed(self, threads: Threads, config: _Config, after: int) -> set[Thread]:
        seen = set(threads)
        pending = list(threads)
        while pending:
            state, debts = pending.pop()
            for guard, target in self.nfa.steps[state]:
                self.work += 1
                owed = self.check(guard, config, after)
                if owed is None:
                    continue
                thread = (target, debts | owed)
                if thread not in seen:
                    seen.add(thread)
                    pending.append(thread)
        return seen

    def check(
        self, guard: str | Lookaround | None, config: _Config, after: int
    ) -> frozenset[Debt] | None:
        """What passing the guard here adds to the debts; None when it bars."""
        if isinstance(guard, Lookaround):
            if not guard.behind:
                return frozenset({(guard.negative, frozenset({(guard.start, _FREE)}))})
            threads = config.behinds[self.nfa.behinds.index(guard.start)]
            reached = self.closure(threads, config, after)
            holds = any(s in self.nfa.finals and not d for s, d in reached)
            return _FREE if holds != guard.negative else None
        before = config.before
        match guard:
            case None:
                holds = True
            case "start":
                holds = before == EDGE
            case "end":
                holds = after == EDGE
            case _:
                boundary = (before == WORD_CHAR) != (after == WORD_CHAR)
                holds = boundary == (guard == "word")
        return _FREE if holds else None

    def accepts(self, threads: Threads, config: _Config) -> bool:
        """Whether the text may end here."""
        return any(
            state in self.nfa.finals
            and all(self.accepts(t, config) != negative for negative, t in debts)
            for state, debts in self.closure(threads, config, EDGE)
        )
