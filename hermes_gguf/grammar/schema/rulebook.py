"""A grammar builder that remembers which rules spell text and which hold values.

Only rules that hold values (objects, arrays, and what they are made of) can turn out
to match nothing, so only these are looked at again at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..gbnf import (
    COMMON_NAMES,
    GbnfGrammar,
    GrammarBuilder,
    Node,
    RuleRef,
    names_in,
)
from .combine import (
    NOTHING,
    find_unproductive,
    without_rules,
)
from .other_keys import COMMON


class RuleBook(GrammarBuilder):
    """Collects the rules of one schema."""

    def __init__(self) -> None:
        super().__init__(reserved=COMMON_NAMES)
        self._spelling: set[str] = set()
        #: Whether rules that are made now spell text, see `spelling`.
        self.is_spelling = False
        self.adopt(COMMON)

    def adopt(self, rules: Mapping[str, Node]) -> None:
        """Rules that spell text; see `GrammarBuilder.adopt`."""
        super().adopt(rules)
        self._spelling.update(rules)

    def reserve(self, hint: str) -> RuleRef:
        """A new name, to be defined later; see `GrammarBuilder.reserve`."""
        rule = super().reserve(hint)
        if self.is_spelling:
            self._spelling.add(rule.name)
        return rule

    def spelling(self) -> _Spelling:
        """Rules made inside spell text, and certainly match something."""
        return _Spelling(self)

    def finish(self) -> GbnfGrammar | None:
        """The grammar without what matches nothing; None when that is all of it."""
        nothing = any(body is NOTHING for body in self.rules.values())
        if nothing:
            self._sweep(self.rules)
        root = self.rules["root"]
        if root is None or root is NOTHING:
            return None
        grammar = self.build(root)
        if not nothing and self._sweep(self._unclear()):
            return self.finish()
        return grammar

    def _unclear(self) -> Iterable[str]:
        """Rules that need one another, or a rule that does; each before those it needs.

        All others surely match something, as long as no rule is `NOTHING`.
        """
        clear = self._spelling.union(self.brought)
        unclear = []
        # Those that a rule needs mostly come after it, so one look at each may do.
        for name in reversed(self.refs):
            if clear.issuperset(self.refs[name]):
                clear.add(name)
            else:
                unclear.append(name)
        needs = {name: set(self.refs[name]) - clear for name in unclear}
        users: dict[str, list[str]] = {}
        for name, others in needs.items():
            for other in others:
                users.setdefault(other, []).append(name)
        found = [name for name, others in needs.items() if not others]
        for name in found:  # grows while it is read
            del needs[name]
            for user in users.get(name, ()):
                needs[user].discard(name)
                if not needs[user]:
                    found.append(user)
        return list(needs)[::-1]

    def _sweep(self, names: Iterable[str]) -> bool:
        """Take out those of the rules that match nothing; whether there were any."""
        suspects = {
            name: body
            for name in names
            if name not in self._spelling and (body := self.rules[name]) is not None
        }
        gone = find_unproductive(suspects)
        for name, body in self.rules.items() if gone else ():
            if body is not None and name not in self._spelling:
                if name in gone or not gone.isdisjoint(names_in(body)):
                    self.rules[name] = without_rules(body, gone)
        return bool(gone)


class _Spelling:
    """Marks a book's rules as text; a generator would take three times as long."""

    __slots__ = ("_before", "_book")

    def __init__(self, book: RuleBook) -> None:
        self._book = book

    def __enter__(self) -> None:
        self._before = self._book.is_spelling
        self._book.is_spelling = True

    def __exit__(self, *_: object) -> None:
        self._book.is_spelling = self._before
