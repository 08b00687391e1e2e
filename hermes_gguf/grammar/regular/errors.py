"""What can go wrong with a regular language; nothing here knows JSON Schema.

The schema compiler turns these into errors that carry a keyword and a pointer.
"""

from __future__ import annotations


class LanguageError(ValueError):
    """A language cannot be built; `problem` says why in one clause."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class PatternSyntaxError(LanguageError):
    """The text is no ECMA-262 regular expression; `position` counts from 0."""

    def __init__(self, problem: str, *, pattern: str, position: int) -> None:
        super().__init__(f"{problem} at position {position} of {pattern!r}")
        self.pattern = pattern
        self.position = position


class UnsupportedPatternError(LanguageError):
    """A valid expression that no finite automaton can decide (or none here)."""

    def __init__(self, feature: str, *, pattern: str, position: int) -> None:
        super().__init__(
            f"{feature} (position {position} of {pattern!r}) is not supported"
        )
        self.feature = feature
        self.pattern = pattern
        self.position = position


class LanguageBudgetError(LanguageError):
    """The automaton would need more states or more work than is allowed."""
