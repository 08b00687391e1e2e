"""Exact regular languages: patterns, lengths, finite sets, and their GBNF."""

from hermes_gguf.grammar.regular.emit import emit_string, emit_text
from hermes_gguf.grammar.regular.errors import (
    LanguageBudgetError,
    LanguageError,
    PatternSyntaxError,
    UnsupportedPatternError,
)
from hermes_gguf.grammar.regular.language import Language

__all__ = [
    "Language",
    "LanguageBudgetError",
    "LanguageError",
    "PatternSyntaxError",
    "UnsupportedPatternError",
    "emit_string",
    "emit_text",
]
