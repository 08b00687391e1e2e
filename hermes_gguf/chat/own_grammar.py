"""A caller's own grammar, in any of its forms → what the engine asks of one."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from ..errors import OptionError
from ..grammar.compiled import Grammar
from ..grammar.constraint import Constraint
from ..grammar.constraints import GrammarConstraint

#: GBNF text, what `compile_schema` returns, or what an engine asks for itself.
GrammarLike: TypeAlias = str | Grammar | Constraint


def to_constraint(grammar: GrammarLike | None) -> Constraint | None:
    """The grammar as the engine asks for it; None for none.

    Raises:
        GrammarSyntaxError: the text is no usable GBNF.
        OptionError: it is no grammar at all.
    """
    if isinstance(grammar, str):
        return _of_text(grammar)
    if isinstance(grammar, Grammar):
        return grammar.constraint()
    if grammar is None or hasattr(grammar, "start"):
        return grammar
    raise OptionError(
        "constraint",
        f"{grammar!r} is no grammar",
        hint="a GBNF text, or what compile_schema(...) returns",
    )


@lru_cache(maxsize=8)
def _of_text(text: str) -> Constraint:
    # What a constraint has learned of its grammar is worth keeping for the next answer.
    return GrammarConstraint.from_gbnf(text)
