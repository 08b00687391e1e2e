"""A grammar as a constraint on bytes: what the decode engine asks of it.

Tokens are bytes and may cut a UTF-8 sequence, so a state is a state of the automaton
and the cut bytes. What one state answered is remembered, within a bound. Lazy
triggers are in `lazy`; which grammar a request needs is in `tool_calls`.
"""

from __future__ import annotations

from .automaton import Automaton
from .gbnf import GbnfGrammar
from .gbnf_parser import parse_gbnf
from .state import State
from .utf8 import cut_range, next_bytes, overlaps, split_utf8

#: Answers (state, piece) → state that one constraint keeps.
MAX_KNOWN_PIECES = 200_000


class GrammarState:
    """A point in a constrained text, see `constraint.ConstraintState`.

    Immutable for its users; equal points are usually the same object.
    """

    __slots__ = ("_constraint", "_first", "_forced", "_known", "cut", "state")

    def __init__(self, constraint: GrammarConstraint, state: State, cut: bytes) -> None:
        self._constraint = constraint
        #: The automaton's state after the last whole character.
        self.state = state
        #: Bytes of a character that is not whole yet.
        self.cut = cut
        self._known: dict[bytes, GrammarState | None] = {}
        self._first: frozenset[int] | None = None
        self._forced: bytes | None = None

    def advance(self, piece: bytes) -> GrammarState | None:
        """The state after `piece`, or None when `piece` may not stand here."""
        try:
            return self._known[piece]
        except KeyError:
            following = self._constraint.follow(self, piece)
            self._known[piece] = following
            return following

    def forced(self) -> bytes:
        """The longest text that every legal continuation begins with."""
        if self._forced is None:
            automaton = self._constraint.automaton
            forced = "" if self.cut else automaton.forced(self.state)
            self._forced = forced.encode("utf-8")
        return self._forced

    @property
    def may_end(self) -> bool:
        """Whether the text may end here."""
        return self.state.may_end and not self.cut

    @property
    def is_free(self) -> bool:
        """Whether any token would be legal now: never."""
        return False

    def first_bytes(self) -> frozenset[int] | None:
        """Byte values with which a legal piece may begin."""
        if self._first is None:
            self._first = next_bytes(self.state.next_ranges(), self.cut)
        return self._first


class GrammarConstraint:
    """Text that is exactly a text of one grammar.

    Attributes:
        automaton: Runs the grammar.
        gbnf: The grammar as GBNF text.
    """

    def __init__(self, grammar: GbnfGrammar | Automaton) -> None:
        if isinstance(grammar, GbnfGrammar):
            grammar = Automaton(grammar)
        self.automaton = grammar
        self._states: dict[tuple[State, bytes], GrammarState] = {}
        self._n_known = 0

    @classmethod
    def from_gbnf(cls, text: str) -> GrammarConstraint:
        """The constraint that a GBNF text spells.

        Raises:
            GrammarSyntaxError: `text` is no usable grammar.
        """
        return cls(parse_gbnf(text))

    @property
    def gbnf(self) -> str:
        """The grammar as text that llama.cpp parses."""
        return self.automaton.grammar.to_gbnf()

    def start(self) -> GrammarState:
        """The state before the first character."""
        return self._at(self.automaton.start, b"")

    def follow(self, at: GrammarState, piece: bytes) -> GrammarState | None:
        """The state after `piece`, computed; `GrammarState.advance` remembers it."""
        self._n_known += 1
        split = split_utf8(at.cut + piece)
        if split is None:
            return None
        text, cut = split
        state = self.automaton.advance(at.state, text)
        if state is None:
            return None
        if cut and not overlaps(state.next_ranges(), cut_range(cut)):
            return None
        return self._at(state, cut)

    def _at(self, state: State, cut: bytes) -> GrammarState:
        if self._n_known > MAX_KNOWN_PIECES:
            # States in use live on with what they know; the rest is freed.
            self._states.clear()
            self._n_known = 0
        key = (state, cut)
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = GrammarState(self, state, cut)
        return found
