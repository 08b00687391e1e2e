"""A memoised nondeterministic pushdown automaton for GBNF grammars.

It walks text one character at a time through immutable, shared states. What was
walked once is a dictionary look-up; what is new is computed from the stacks. States
stay valid for ever, so going back is keeping the old one. It knows characters, not
bytes or tokens (`constraints`), and no JSON.
"""

from __future__ import annotations

from threading import Lock
from typing import TypeAlias

from ..errors import GrammarSyntaxError
from .gbnf import GbnfGrammar
from .gbnf_check import analyse
from .items import DEAD, Item, ItemTable
from .memo import END, Memo
from .state import State

__all__ = ["Automaton", "State"]

#: Longest text that `forced` returns, in characters.
MAX_FORCED_CHARS = 4096
#: Where a memo is full, in units of about 70 bytes.
MAX_MEMO_COST = 400_000

_Next: TypeAlias = "State | None"


class Automaton:
    """Runs one grammar. Safe to share between threads.

    Args:
        grammar: Rules with a `root`.
        max_memo_cost: How much to remember before forgetting, in units of about
            70 bytes.

    Raises:
        GrammarSyntaxError: A rule is missing, is left-recursive, or `root` matches
            no text at all. `line` is the rule's number as printed.
    """

    def __init__(
        self, grammar: GbnfGrammar, *, max_memo_cost: int = MAX_MEMO_COST
    ) -> None:
        if "root" not in grammar.rules:
            raise GrammarSyntaxError("there is no rule named root", line=1, column=1)
        facts = analyse(grammar.rules)
        for name, user in facts.undefined.items():
            _fail(grammar, user, f"the rule {name!r} is not defined")
        if facts.left_recursive:
            cycle = facts.left_recursive
            _fail(
                grammar, cycle[0], "left recursion: " + " -> ".join([*cycle, cycle[0]])
            )
        table = ItemTable(grammar, facts)
        root = table.rule("root")
        if root is DEAD:
            _fail(grammar, "root", "root matches no text")
        self.grammar = grammar
        self._table = table
        self._root: Item = root
        self._max_memo_cost = max_memo_cost
        self._lock = Lock()
        self._memo = Memo(table, self._step)

    @property
    def start(self) -> State:
        """The state before the first character."""
        with self._lock:
            memo = self._memo
            return memo.state(memo.closure(memo.push(self._root, END)))

    def advance(self, state: State, text: str) -> State | None:
        """The state after `text`, or None when `text` may not stand here."""
        at: _Next = state
        for char in text:
            at = at[char]  # type: ignore[index]
            if at is None:
                return None
        return at

    def accepts(self, text: str) -> bool:
        """Whether `text` is a whole text of the grammar."""
        state = self.advance(self.start, text)
        return state is not None and state.may_end

    def forced(self, state: State) -> str:
        """The longest text that every legal continuation begins with.

        It stops where the text may end, and after `MAX_FORCED_CHARS`.
        """
        if state.forced is None:
            out: list[str] = []
            at = state
            while not at.may_end and len(out) < MAX_FORCED_CHARS:
                char = at.only_char()
                if char is None:
                    break
                out.append(char)
                following = at[char]
                assert following is not None
                at = following
            state.forced = "".join(out)
        return state.forced

    def _step(self, state: State, char: str) -> State | None:
        """Fill in the transition of `state` for a character that it has not met."""
        matched = state.matching(char)
        following: State | None = None
        with self._lock:
            if matched:
                known = state.by_match
                following = None if known is None else known.get(matched)
                if following is None:
                    following = self._follow(state, matched, char)
                    if state.only_char() is None:
                        state.by_match = {**(known or {}), matched: following}
            state.memo.cost += 1
            state[char] = following
        return following

    def _follow(self, state: State, matched: tuple[int, ...], char: str) -> State:
        if state.memo.cost < self._max_memo_cost:
            return state.memo.follow(matched)
        if self._memo.cost >= self._max_memo_cost:
            self._memo = Memo(self._table, self._step)
        return self._memo.follow(self._memo.moved(state).matching(char))


def _fail(grammar: GbnfGrammar, rule: str, problem: str) -> None:
    line = list(grammar.rules).index(rule) + 1
    raise GrammarSyntaxError(problem, line=line, column=1)
