"""Random schemas with documents, random walks through a grammar, and a referee.

Formats, patterns and `multipleOf` of fractions are left out: there the referee
(jsonschema) is less exact than the compiler.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import jsonschema
from hypothesis import strategies as st

from hermes_gguf.grammar.compiled import Grammar

KEYS = ("a", "b", "ab", "c")
_STRINGS = ("", "a", "b", "ab", "abc", 'x"y', "é")
_NUMBERS = (-2, 0, 1, 2, 3, 5, 10, 1.5)

keys = st.sampled_from(KEYS)
scalars = (
    st.none() | st.booleans() | st.sampled_from(_NUMBERS) | st.sampled_from(_STRINGS)
)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=6,
)


def _optional(**parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


_bounds = st.sampled_from(_NUMBERS)
_counts = st.integers(0, 3)
_names = st.lists(keys, max_size=2, unique=True)


def _leaves() -> st.SearchStrategy[Any]:
    types = ["null", "boolean", "integer", "number", "string", "array", "object"]
    return (
        st.booleans()
        | st.builds(lambda t: {"type": t}, st.sampled_from(types))
        | st.builds(lambda v: {"const": v}, documents)
        | st.builds(lambda v: {"enum": v}, st.lists(scalars, min_size=1, max_size=3))
        | _optional(
            minimum=st.sampled_from(_NUMBERS), maximum=st.sampled_from(_NUMBERS)
        )
        | _optional(minLength=_counts, maxLength=_counts)
        | _optional(multipleOf=st.sampled_from([1, 2, 3]))
        | _optional(pattern=st.sampled_from(["^a", "b$", "^[ab]+$"]))
    )


def _nodes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(inner, min_size=1, max_size=2)
    return (
        _optional(
            properties=st.dictionaries(keys, inner, max_size=3),
            required=_names,
            additionalProperties=inner,
            patternProperties=st.dictionaries(st.sampled_from(["^a", "b$"]), inner),
            minProperties=_counts,
            maxProperties=_counts,
            propertyNames=_optional(maxLength=st.just(1), pattern=st.just("^a")),
            dependentRequired=st.dictionaries(keys, _names, max_size=1),
        )
        | _optional(
            properties=st.dictionaries(keys, inner, max_size=2),
            dependentSchemas=st.dictionaries(keys, inner, max_size=1),
            unevaluatedProperties=inner,
            anyOf=some,
        )
        | _optional(
            prefixItems=some,
            items=inner,
            minItems=_counts,
            maxItems=_counts,
            contains=inner,
        )
        | _optional(allOf=some, anyOf=some)
        | _optional(oneOf=some)
        | _optional(**{"not": inner, "type": st.just("object")})
        | st.fixed_dictionaries({"if": inner, "then": inner, "else": inner})
    )


#: Schemas of every kind, mostly satisfiable.
schemas = st.recursive(_leaves(), _nodes, max_leaves=5)


def is_valid(schema: Any, document: Any) -> bool:
    """What jsonschema says."""
    return jsonschema.Draft202012Validator(schema).is_valid(document)


def random_text(grammar: Grammar, random: Random, max_chars: int = 400) -> str | None:
    """A text that a random walk through the grammar writes; None when it goes on."""
    state, text = grammar.automaton.start, ""
    while len(text) < max_chars:
        ranges = state.next_ranges()
        if state.may_end and (not ranges or random.random() < 0.5):
            return text
        # The closing characters are preferred, or a walk would rarely end.
        closing = [c for c in '"]}' if any(lo <= ord(c) <= hi for lo, hi in ranges)]
        if closing and random.random() < 0.6:
            char = random.choice(closing)
        else:
            low, high = random.choice(ranges)
            char = chr(random.randint(low, min(high, low + 60)))
        following = state[char]
        assert following is not None
        state, text = following, text + char
    return None


def dumps(document: Any) -> str:
    """The text as Hermes writes it."""
    return json.dumps(document, ensure_ascii=False)
