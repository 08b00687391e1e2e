"""Properties of the compiler, against jsonschema as the referee."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hermes_gguf.errors import SchemaError, UnsatisfiableSchemaError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.compiled import Grammar

from ...support.conformance.reorder import accepts_some_order
from ...support.schemas import documents, is_valid, random_text, schemas

_HUGE = re.compile(r"[eE][+-]?\d{3}|[eE]-")


def _compiled(schema: Any) -> Grammar | None:
    """The grammar; None when the schema is refused by name."""
    try:
        return compile_schema(schema)
    except UnsatisfiableSchemaError:
        raise
    except SchemaError:
        return None


@settings(max_examples=300)
@given(schemas, st.lists(documents, min_size=1, max_size=6))
def test_a_document_is_accepted_exactly_when_it_is_valid(
    schema: Any, several: list[Any]
) -> None:
    try:
        grammar = _compiled(schema)
    except UnsatisfiableSchemaError:
        assert not any(is_valid(schema, document) for document in several)
        return
    assume(grammar is not None)
    assert grammar is not None
    for document in several:
        accepted = accepts_some_order(grammar.automaton, document)
        assert accepted == is_valid(schema, document), (document, grammar.gbnf)


def _repeats_a_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assume(len({key for key, _ in pairs}) == len(pairs))
    return dict(pairs)


@settings(max_examples=200)
@given(schemas, st.integers(0, 2**32))
def test_whatever_the_grammar_writes_is_valid_json_that_validates(
    schema: Any, seed: int
) -> None:
    try:
        grammar = _compiled(schema)
    except UnsatisfiableSchemaError:
        return
    assume(grammar is not None)
    assert grammar is not None
    random = Random(seed)
    for _ in range(5):
        text = random_text(grammar, random)
        # No float holds 1e-701 or 1e999; the referee takes them for 0 and inf.
        if text is not None and not _HUGE.search(text):
            # Extra keys may repeat, which only counts of keys would notice.
            document = json.loads(text, object_pairs_hook=_repeats_a_key)
            assert is_valid(schema, document), (text, grammar.gbnf)
