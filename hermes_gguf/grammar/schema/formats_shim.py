"""Formats until `hermes_gguf.grammar.formats` is there."""

from __future__ import annotations

from hermes_gguf.grammar.regular.language import Language


def format_language(name: str, dialect: str) -> Language | None:
    """The language of a format, or None."""
    return None
