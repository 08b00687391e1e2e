"""Regular languages over Unicode scalar values, as immutable values with operators.

A language is kept in the cheapest exact form: a finite set of words, all texts but a
finite set, or an automaton; length bounds stay beside it until something needs the
product. Knows nothing of JSON: `emit` prints a language as JSON strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import and_, or_
from typing import TypeAlias

from .bounded import bounded_graph
from .determinism import is_deterministic
from .determinize import determinize
from .dfa import Dfa
from .errors import LanguageBudgetError
from .lengths import (
    dfa_of_length,
    has_length,
    longest_length,
    shortest_length,
)
from .lookaround import determinize_guarded
from .nfa import build_nfa
from .regex import parse_regex
from .structure import is_printable
from .syntax import Regex, search
from .trie import Graph, graph_of_dfa, graph_of_words
from .words import (
    dfa_of_words,
    has_surrogate,
    listed_words,
    shortest_first,
)

#: The least and the largest length (None: no limit) to an expression, or to None.
Compact: TypeAlias = "Callable[[int, int | None], Regex | None]"


@dataclass(frozen=True)
class Language:
    """A set of texts. Build it with the class methods, combine it with `& | ~ -`.

    Attributes:
        words: The finite set itself, or, with `excluded`, the texts that are missing.
        excluded: Whether `words` are the only texts that are not in the language.
        core: The automaton when neither of these forms applies.
        min_length: Shorter texts are not in the language, whatever the form says.
        max_length: Longer ones neither; None: no limit.
        source: The expression, when the language should be printed as it was written.
        simpler: A part of the language that is printed instead of all of it where a
            length bound would otherwise be over budget.
        compact: Makes of length bounds an expression for a part of the language that
            keeps them by itself, where counting in all of it would take thousands of
            rules.
        name: What everybody calls it, such as "email"; empty for most.
    """

    words: frozenset[str] = frozenset()
    excluded: bool = False
    core: Dfa | None = None
    min_length: int = 0
    max_length: int | None = None
    source: Regex | None = field(default=None, compare=False, repr=False)
    simpler: Language | None = field(default=None, compare=False, repr=False)
    compact: Compact | None = field(default=None, compare=False, repr=False)
    name: str = field(default="", compare=False)

    @classmethod
    def any(cls) -> Language:
        """Every text."""
        return _ANY

    @classmethod
    def nothing(cls) -> Language:
        """No text."""
        return _NOTHING

    @classmethod
    def of(cls, strings: Iterable[str]) -> Language:
        """Exactly these texts (those with lone surrogates are no texts)."""
        return cls(words=frozenset(s for s in strings if not has_surrogate(s)))

    @classmethod
    def length(cls, min_length: int, max_length: int | None) -> Language:
        """Every text of so many code points; `max_length` None: no upper limit."""
        low = max(min_length, 0)
        if max_length is not None and max_length < low:
            return _NOTHING
        return cls(excluded=True, min_length=low, max_length=max_length)

    @classmethod
    def from_pattern(cls, pattern: str) -> Language:
        """The texts in which an ECMA-262 regular expression matches somewhere.

        Raises:
            PatternSyntaxError: the pattern is no regular expression.
            UnsupportedPatternError: it is more than regular.
            LanguageBudgetError: its automaton is too large.
        """
        return _from_pattern(pattern)

    @classmethod
    def from_full_pattern(cls, pattern: str, *, as_written: bool = False) -> Language:
        """The texts that a regular expression matches from end to end.

        With `as_written`, the language is printed as the expression stands even where
        the automaton would leave the parser fewer ways to go.

        Raises:
            LanguageError: as `from_pattern`.
        """
        return _from_full_pattern(pattern, as_written)

    @property
    def is_any(self) -> bool:
        """Whether this is known, without work, to be every text."""
        return self.excluded and not self.words and not self.is_bounded

    @cached_property
    def is_bounded(self) -> bool:
        """Whether lengths are limited beside the form."""
        return self.min_length > 0 or self.max_length is not None

    @cached_property
    def dfa(self) -> Dfa:
        """The whole language as one automaton, length bounds included.

        Raises:
            LanguageBudgetError: it has too many states.
        """
        core = self.core
        if core is None:
            core = dfa_of_words(self.words)
            core = core.complement() if self.excluded else core
        if not self.is_bounded:
            return core
        return core.product(dfa_of_length(self.min_length, self.max_length), and_)

    @cached_property
    def graph(self) -> Graph:
        """What the printer walks; the language must not be empty.

        Raises:
            LanguageBudgetError: it has too many states.
        """
        if self.core is None and not self.is_bounded:
            return graph_of_words(sorted(self.words), excluded=self.excluded)
        if self.is_bounded:
            return self._bounded_graph()
        return graph_of_dfa(_core(self))

    def _bounded_graph(self) -> Graph:
        try:
            return bounded_graph(_core(self), self.min_length, self.max_length)
        except LanguageBudgetError:
            if self.simpler is None:
                raise
        part = self.simpler & Language.length(self.min_length, self.max_length)
        if part.is_empty:
            raise LanguageBudgetError("the length bound leaves no simple text")
        return part.graph

    def with_simpler(self, part: Language, compact: Compact) -> Language:
        """The same language that knows simpler parts of itself; see `simpler`."""
        return replace(self, simpler=part, compact=compact)

    @cached_property
    def is_empty(self) -> bool:
        """Whether no text is in the language."""
        if self._is_finite_form:
            return not self.words
        if self.core is None and not (self.words and self.is_bounded):
            return False
        if not self.is_bounded:
            return 0 not in _core(self).live
        return not has_length(_core(self), self.min_length, self.max_length)

    @property
    def _is_finite_form(self) -> bool:
        return self.core is None and not self.excluded

    @cached_property
    def is_finite(self) -> bool:
        """Whether the language has finitely many texts."""
        if self._is_finite_form or self.max_length is not None:
            return True
        return self.core is not None and longest_length(self.core) is not None

    def strings(self, limit: int) -> list[str] | None:
        """All texts, shortest first, when there are at most `limit`; else None."""
        if self._is_finite_form:
            found = sorted(self.words, key=lambda w: (len(w), w))
            return found if len(found) <= limit else None
        if not self.is_finite:
            return None
        if self.core is None and (self.max_length or 0) > 1:
            return None
        found = []
        for word in shortest_first(self.dfa):
            if len(found) == limit:
                return None
            found.append(word)
        return found

    def contains(self, text: str) -> bool:
        """Whether the text is in the language."""
        if has_surrogate(text) or len(text) < self.min_length:
            return False
        if self.max_length is not None and len(text) > self.max_length:
            return False
        if self.core is not None:
            return self.core.contains(text)
        return (text in self.words) != self.excluded

    def isdisjoint(self, other: Language) -> bool:
        """Whether surely no text is in both; much cheaper than an intersection.

        Length bounds are left out of account, so False may be too pessimistic.

        Raises:
            LanguageBudgetError: it cannot be told within the budget.
        """
        if self._is_finite_form:
            return not any(map(other.contains, self.words))
        if other._is_finite_form or self.core is None or other.core is None:
            return other._is_finite_form and other.isdisjoint(self)
        return self.core.isdisjoint(other.core)

    def __and__(self, other: Language) -> Language:
        return _intersect(self, other)

    def __or__(self, other: Language) -> Language:
        return _union(self, other)

    def __sub__(self, other: Language) -> Language:
        return self & ~other

    def __invert__(self) -> Language:
        return _complement(self)


_ANY = Language(excluded=True)
_NOTHING = Language()


def language_of_dfa(dfa: Dfa, low: int = 0, high: int | None = None) -> Language:
    """The cheapest form of an automaton's language."""
    if len(dfa.delta) == 1:
        return Language.length(low, high) if dfa.accepts[0] else _NOTHING
    return Language(core=dfa, min_length=low, max_length=high)


@lru_cache(maxsize=1024)
def _from_pattern(pattern: str) -> Language:
    return _from_regex(search(parse_regex(pattern)))


@lru_cache(maxsize=256)
def _from_full_pattern(pattern: str, as_written: bool) -> Language:
    return _from_regex(parse_regex(pattern), as_written=as_written)


def _from_regex(node: Regex, *, as_written: bool = False) -> Language:
    nfa = build_nfa(node)
    dfa = determinize_guarded(nfa) if nfa.guarded else determinize(nfa)
    words = listed_words(dfa)
    language = language_of_dfa(dfa) if words is None else Language.of(words)
    if language.core is None or nfa.guarded or not is_printable(node):
        return language
    if as_written or is_deterministic(node):
        return replace(language, source=node)
    return language


def _intersect(a: Language, b: Language) -> Language:
    if a.is_any or b.is_any or a == b:
        return b if a.is_any else a
    if b._is_finite_form:
        a, b = b, a
    if a._is_finite_form:
        if b.core is None and not b.is_bounded:
            return Language(a.words - b.words if b.excluded else a.words & b.words)
        return Language(words=frozenset(filter(b.contains, a.words)))
    low = max(a.min_length, b.min_length)
    high = min((x.max_length for x in (a, b) if x.max_length is not None), default=None)
    if high is not None and high < low:
        return _NOTHING
    if a.core is None and b.core is None:
        words = a.words | b.words
        return Language(words, True, None, low, high)
    if a.core is None and not a.words:
        assert b.core is not None
        return _from_bounded(b.core, low, high, b)
    if b.core is None and not b.words:
        assert a.core is not None
        return _from_bounded(a.core, low, high, a)
    return _from_bounded(_core(a).product(_core(b), and_), low, high)


def _from_bounded(
    core: Dfa, low: int, high: int | None, whole: Language | None = None
) -> Language:
    """A core with bounds; bounds that the core keeps anyway are dropped."""
    if whole is None and low == 0 and high is None:
        return language_of_dfa(core)
    shortest = shortest_length(core)
    if shortest is None or (high is not None and shortest > high):
        return _NOTHING
    if low <= shortest:
        low = 0
    if high is not None:
        longest = longest_length(core)
        if longest is not None and longest <= high:
            high = None
    bounded = language_of_dfa(core, low, high)
    if whole is not None:
        known = {k: getattr(whole, k) for k in ("source", "simpler", "compact")}
        bounded = replace(bounded, **known)
    return bounded


def _core(language: Language) -> Dfa:
    """The automaton without the length bounds."""
    if language.core is not None:
        return language.core
    return Language(language.words, language.excluded).dfa


def _union(a: Language, b: Language) -> Language:
    if a == b or (b._is_finite_form and not b.words) or a.is_any:
        return a
    if (a._is_finite_form and not a.words) or b.is_any:
        return b
    if a._is_finite_form and b._is_finite_form:
        return Language(words=a.words | b.words)
    if a.core is None and b.core is None and not (a.is_bounded or b.is_bounded):
        return _union_cofinite(a, b)
    same = (a.words, a.excluded, a.core) == (b.words, b.excluded, b.core)
    if same and (joined := _join_bounds(a, b)):
        return joined
    return language_of_dfa(a.dfa.product(b.dfa, or_))


def _union_cofinite(a: Language, b: Language) -> Language:
    if a.excluded and b.excluded:
        return Language(a.words & b.words, True)
    missing, given = (a, b) if a.excluded else (b, a)
    return Language(missing.words - given.words, True)


def _join_bounds(a: Language, b: Language) -> Language | None:
    first, second = sorted((a, b), key=lambda x: x.min_length)
    if first.max_length is None:
        return first
    if second.min_length > first.max_length + 1:
        return None
    high = None
    if second.max_length is not None:
        high = max(first.max_length, second.max_length)
    return Language(first.words, first.excluded, first.core, first.min_length, high)


def _complement(a: Language) -> Language:
    if not a.is_bounded:
        if a.core is not None:
            return language_of_dfa(a.core.complement())
        return Language(a.words, not a.excluded)
    inside = Language(a.words, a.excluded, a.core)
    outside = _NOTHING
    if a.min_length > 0:
        outside = Language.length(0, a.min_length - 1)
    if a.max_length is not None:
        above = Language.length(a.max_length + 1, None)
        outside = above if outside == _NOTHING else outside | above
    return outside if inside.is_any else ~inside | outside
