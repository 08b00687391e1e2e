"""How two regular languages compare, told by their operators."""

from __future__ import annotations

from hermes_gguf.grammar.regular import Language


def is_part(part: Language, whole: Language) -> bool:
    """Whether every text of one is in the other."""
    return (part - whole).is_empty


def are_equal(a: Language, b: Language) -> bool:
    """Whether both have the same texts."""
    return is_part(a, b) and is_part(b, a)
