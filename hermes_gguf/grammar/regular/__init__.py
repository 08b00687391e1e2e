"""Exact regular languages: patterns, lengths, finite sets, and their GBNF."""

from .emit import emit_string, emit_text
from .errors import (
    LanguageBudgetError,
    LanguageError,
    PatternSyntaxError,
    UnsupportedPatternError,
)
from .language import Language

__all__ = [
    "Language",
    "LanguageBudgetError",
    "LanguageError",
    "PatternSyntaxError",
    "UnsupportedPatternError",
    "emit_string",
    "emit_text",
]
