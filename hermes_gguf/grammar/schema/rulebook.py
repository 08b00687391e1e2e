"""A grammar builder that remembers which rules spell text and which hold values.

Only rules that hold values (objects, arrays, and what they are made of) can turn out
to match nothing, so only these are looked at again at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hermes_gguf.grammar.gbnf import GrammarBuilder, RuleRef, names_in
from hermes_gguf.grammar.schema.combine import (
    NOTHING,
    find_unproductive,
    without_rules,
)
from hermes_gguf.grammar.schema.other_keys import COMMON, RESERVED, Rules


class RuleBook(GrammarBuilder):
    """Collects the rules of one schema."""

    _reserved = RESERVED

    def __init__(self) -> None:
        super().__init__()
        self._spelling: set[str] = set()
        self._is_spelling = False
        self.adopt(COMMON)

    def adopt(self, rules: Rules) -> None:
        """Rules for other keys, which have the same names in every grammar."""
        self.rules.update(rules)
        self._spelling.update(rules)

    def reserve(self, hint: str) -> RuleRef:
        """A new name, to be defined later; see `GrammarBuilder.reserve`."""
        rule = super().reserve(hint)
        if self._is_spelling:
            self._spelling.add(rule.name)
        return rule

    @contextmanager
    def spelling(self) -> Iterator[None]:
        """Rules made inside spell text, and certainly match something."""
        before, self._is_spelling = self._is_spelling, True
        try:
            yield
        finally:
            self._is_spelling = before

    def sweep(self, *, loops: bool) -> None:
        """Take out what matches nothing.

        Args:
            loops: Whether some rule may refer to itself, so that it is worth looking
                for rules that would go on for ever.
        """
        bodies = {n: b for n, b in self.rules.items() if n not in self._spelling}
        suspects = {name: body for name, body in bodies.items() if body is not None}
        if not loops and not any(body is NOTHING for body in suspects.values()):
            return
        gone = find_unproductive(suspects)
        if gone:
            for name, body in suspects.items():
                if name in gone or not gone.isdisjoint(names_in(body)):
                    self.rules[name] = without_rules(body, gone)
