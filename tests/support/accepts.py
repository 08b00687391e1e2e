"""Checks a schema's grammar against texts that it must accept and must not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hermes_gguf.grammar.compile import compile_schema


def check_schema(
    schema: Any,
    *,
    accept: Iterable[str] = (),
    reject: Iterable[str] = (),
    **options: Any,
) -> None:
    """Fail with the texts that the grammar of `schema` judges wrongly."""
    grammar = compile_schema(schema, **options)
    rejected = [text for text in accept if not grammar.accepts(text)]
    accepted = [text for text in reject if grammar.accepts(text)]
    assert (rejected, accepted) == ([], []), grammar.gbnf
