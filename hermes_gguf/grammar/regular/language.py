"""Regular languages over Unicode scalar values, as immutable values with operators.

A language is kept in the cheapest exact form: a finite set of words, all texts but a
finite set, or an automaton; length bounds stay beside it until something needs the
product. Knows nothing of JSON: `emit` prints a language as JSON strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from hermes_gguf.grammar.regular.charset import SCALARS
from hermes_gguf.grammar.regular.determinize import determinize
from hermes_gguf.grammar.regular.dfa import MAX_STATES, Dfa
from hermes_gguf.grammar.regular.errors import LanguageBudgetError
from hermes_gguf.grammar.regular.lookaround import determinize_guarded
from hermes_gguf.grammar.regular.nfa import build_nfa
from hermes_gguf.grammar.regular.regex import parse_regex
from hermes_gguf.grammar.regular.syntax import Alt, Cat, Regex, Rep, Set, search
from hermes_gguf.grammar.regular.trie import Graph, graph_of_dfa, graph_of_words

#: Words up to which a difference with an automaton keeps the finite form.
_MAX_WORDS = 20_000


@dataclass(frozen=True)
class Language:
    """A set of texts. Build it with the class methods, combine it with `& | ~ -`.

    Attributes:
        words: The finite set itself, or, with `excluded`, the texts that are missing.
        excluded: Whether `words` are the only texts that are not in the language.
        core: The automaton when neither of these forms applies.
        min_length: Shorter texts are not in the language, whatever the form says.
        max_length: Longer ones neither; None: no limit.
    """

    words: frozenset[str] = frozenset()
    excluded: bool = False
    core: Dfa | None = None
    min_length: int = 0
    max_length: int | None = None

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
        return cls(words=frozenset(s for s in strings if not _has_surrogate(s)))

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
    def from_full_pattern(cls, pattern: str) -> Language:
        """The texts that a regular expression matches from end to end.

        Raises:
            LanguageError: as `from_pattern`.
        """
        return _from_full_pattern(pattern)

    @property
    def is_any(self) -> bool:
        """Whether this is known, without work, to be every text."""
        return self == _ANY

    @cached_property
    def _bounded(self) -> bool:
        return self.min_length > 0 or self.max_length is not None

    @cached_property
    def dfa(self) -> Dfa:
        """The whole language as one automaton, length bounds included.

        Raises:
            LanguageBudgetError: it has too many states.
        """
        core = self.core
        if core is None:
            core = _dfa_of_words(self.words)
            core = core.complement() if self.excluded else core
        if not self._bounded:
            return core
        return core.product(_dfa_of_length(self.min_length, self.max_length), _both)

    @cached_property
    def graph(self) -> Graph:
        """What the printer walks; the language must not be empty.

        Raises:
            LanguageBudgetError: it has too many states.
        """
        if self.core is None and not self._bounded:
            return graph_of_words(self.words, excluded=self.excluded)
        return graph_of_dfa(self.dfa)

    @cached_property
    def is_empty(self) -> bool:
        """Whether no text is in the language."""
        if self._is_finite_form:
            return not self.words
        if self.core is None and not (self.words and self._bounded):
            return False
        return 0 not in self.dfa.live

    @property
    def _is_finite_form(self) -> bool:
        return self.core is None and not self.excluded

    @cached_property
    def is_finite(self) -> bool:
        """Whether the language has finitely many texts."""
        if self._is_finite_form or self.max_length is not None:
            return True
        return self.core is not None and _longest(self.core) is not None

    def strings(self, limit: int) -> list[str] | None:
        """All texts, shortest first, when there are at most `limit`; else None."""
        if self._is_finite_form:
            found = sorted(self.words, key=lambda w: (len(w), w))
            return found if len(found) <= limit else None
        if not self.is_finite:
            return None
        if self.core is None and (self.max_length or 0) > 1:
            return None  # at least a million texts
        found = []
        for word in self._walk():
            if len(found) == limit:
                return None
            found.append(word)
        return found

    def _walk(self) -> Iterator[str]:
        dfa = self.dfa
        live = dfa.live
        level = [("", 0)] if 0 in live else []
        while level:
            following: list[tuple[str, int]] = []
            for text, state in level:
                if dfa.accepts[state]:
                    yield text
                for symbol, target in enumerate(dfa.delta[state]):
                    if target in live and len(following) < 10_000_000:
                        following.extend(
                            (text + chr(code), target)
                            for low, high in dfa.class_ranges[symbol]
                            for code in range(low, min(high, low + 100_000) + 1)
                        )
            level = following

    def contains(self, text: str) -> bool:
        """Whether the text is in the language."""
        if _has_surrogate(text) or len(text) < self.min_length:
            return False
        if self.max_length is not None and len(text) > self.max_length:
            return False
        if self.core is not None:
            return self.core.contains(text)
        return (text in self.words) != self.excluded

    def equals(self, other: Language) -> bool:
        """Whether both have the same texts.

        Raises:
            LanguageBudgetError: it cannot be told within the budget.
        """
        if self == other:
            return True
        if self._is_finite_form and other._is_finite_form:
            return False
        return (self - other).is_empty and (other - self).is_empty

    def issubset(self, other: Language) -> bool:
        """Whether every text of this language is in the other.

        Raises:
            LanguageBudgetError: it cannot be told within the budget.
        """
        return (self - other).is_empty

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


def _both(a: bool, b: bool) -> bool:
    return a and b


def _either(a: bool, b: bool) -> bool:
    return a or b


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)


def language_of_dfa(dfa: Dfa, low: int = 0, high: int | None = None) -> Language:
    """The cheapest form of an automaton's language."""
    if len(dfa.delta) == 1:
        return Language.length(low, high) if dfa.accepts[0] else _NOTHING
    return Language(core=dfa, min_length=low, max_length=high)


@lru_cache(maxsize=1024)
def _from_pattern(pattern: str) -> Language:
    return _from_regex(search(parse_regex(pattern)))


@lru_cache(maxsize=256)
def _from_full_pattern(pattern: str) -> Language:
    return _from_regex(parse_regex(pattern))


def _from_regex(node: Regex) -> Language:
    nfa = build_nfa(node)
    return language_of_dfa(
        determinize_guarded(nfa) if nfa.guarded else determinize(nfa)
    )


@lru_cache(maxsize=256)
def _dfa_of_words(words: frozenset[str]) -> Dfa:
    if sum(map(len, words)) > MAX_STATES:
        raise LanguageBudgetError(f"the texts have more than {MAX_STATES} characters")
    options: list[Regex] = [
        Cat(tuple(Set(((ord(c), ord(c)),)) for c in word)) for word in sorted(words)
    ]
    return determinize(build_nfa(Alt(tuple(options))))


@lru_cache(maxsize=256)
def _dfa_of_length(low: int, high: int | None) -> Dfa:
    if max(low, high or 0) > MAX_STATES:
        raise LanguageBudgetError(
            f"a length beyond {MAX_STATES} cannot be combined with other constraints"
        )
    return determinize(build_nfa(Rep(Set(SCALARS), low, high)))


def _longest(dfa: Dfa) -> int | None:
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


def _min_of(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


def _intersect(a: Language, b: Language) -> Language:
    if b._is_finite_form:
        a, b = b, a
    if a._is_finite_form:
        return Language(words=frozenset(filter(b.contains, a.words)))
    low = max(a.min_length, b.min_length)
    high = _min_of(a.max_length, b.max_length)
    if high is not None and high < low:
        return _NOTHING
    if a.core is None and b.core is None:
        words = a.words | b.words
        return Language(words, True, None, low, high)
    if a.core is None and not a.words:
        return _from_bounded(b.core, low, high)
    if b.core is None and not b.words:
        return _from_bounded(a.core, low, high)
    return _from_bounded(_core(a).product(_core(b), _both), low, high)


def _from_bounded(core: Dfa | None, low: int, high: int | None) -> Language:
    """A core with bounds; bounds that the core keeps anyway are dropped."""
    assert core is not None
    if low == 0 and high is None:
        return language_of_dfa(core)
    shortest = _shortest(core)
    if shortest is None or (high is not None and shortest > high):
        return _NOTHING
    if low <= shortest:
        low = 0
    longest = _longest(core)
    if longest is not None and high is not None and longest <= high:
        high = None
    return language_of_dfa(core, low, high)


def _shortest(dfa: Dfa) -> int | None:
    level, seen, depth = {0}, {0}, 0
    while level:
        if any(dfa.accepts[s] for s in level):
            return depth
        level = {t for s in level for t in dfa.delta[s]} - seen
        seen |= level
        depth += 1
    return None


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
    if a.core is None and b.core is None and not (a._bounded or b._bounded):
        return _union_cofinite(a, b)
    same = (a.words, a.excluded, a.core) == (b.words, b.excluded, b.core)
    if same and (joined := _join_bounds(a, b)):
        return joined
    return language_of_dfa(a.dfa.product(b.dfa, _either))


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
    if not a._bounded:
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
