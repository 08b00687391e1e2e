"""llama.cpp parses every grammar, and judges texts as our automaton does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hermes_gguf.errors import SchemaError, UnsatisfiableSchemaError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.compiled import Grammar

from ...support.conformance.corpora import read_maskbench
from ...support.llama_grammar import ALPHABET, LlamaGrammar
from ...support.schemas import documents, dumps, schemas
from ...support.shared import shared_path

_SETTINGS = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _walk(grammar: Grammar, text: str) -> list[tuple[frozenset[str], bool]]:
    """What our automaton allows at each place, as `LlamaGrammar.walk` tells it."""
    places = []
    state = grammar.automaton.start
    for char in [*text, None]:
        legal = frozenset(c for c in ALPHABET if state[c] is not None)
        places.append((legal, state.may_end))
        if char is None or char not in legal:
            break
        following = state[char]
        assert following is not None
        state = following
    return places


@_SETTINGS
@given(schemas, st.lists(documents, min_size=1, max_size=3))
def test_llama_cpp_agrees_at_every_character(
    llama: LlamaGrammar, schema: Any, several: list[Any]
) -> None:
    try:
        grammar = compile_schema(schema)
    except SchemaError:
        assume(False)
    for document in several:
        text = dumps(document)
        places = llama.walk(grammar.gbnf, text)
        assert places is not None, grammar.gbnf
        assert [(p.chars, p.may_end) for p in places] == _walk(grammar, text)


@pytest.mark.parametrize("remainder", range(3))
def test_llama_cpp_parses_the_grammars_of_real_schemas(
    llama: LlamaGrammar, remainder: int
) -> None:
    path = shared_path("jsonschema/maskbench-dev.jsonl.gz")
    for i, case in enumerate(read_maskbench(path)):
        if i % 300 != remainder * 100:
            continue
        try:
            gbnf = compile_schema(case.schema).gbnf
        except SchemaError:
            continue
        assert llama.walk(gbnf, "{") is not None, case.name


@pytest.mark.parametrize(("schema", "legal"), [(False, False), (True, True)])
def test_an_array_that_cannot_be_is_not_even_begun(
    llama: LlamaGrammar, schema: bool, legal: bool
) -> None:
    places = llama.walk(compile_schema({"contains": schema}).gbnf, "[")
    assert places is not None
    assert ("[" in places[0].chars) is legal


def test_branches_that_exclude_each_other_leave_nothing() -> None:
    with pytest.raises(UnsatisfiableSchemaError):
        compile_schema({"oneOf": [True, {"items": True}]})


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('{"a": 1}', False),
        ("{}", False),
        ('{"b": 2}', True),
        ('{"a": 1, "b": 2}', True),
    ],
)
def test_a_denied_closed_object_needs_a_key_that_it_does_not_name(
    text: str, good: bool
) -> None:
    closed = {"properties": {"a": True}, "additionalProperties": False}
    assert compile_schema({"not": closed}).accepts(text) is good
