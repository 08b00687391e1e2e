"""Schemas inside of schemas are found under every keyword that holds some."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema_specifications import REGISTRY

from hermes_gguf.subschemas import LISTS, MAPS, ONE, map_subschemas

SAID, HEARD = {"title": "Said"}, {"title": "Heard"}


def heard(schema: Any) -> Any:
    return HEARD if schema == SAID else schema


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"not": SAID}, {"not": HEARD}),
        ({"items": SAID}, {"items": HEARD}),
        ({"items": [SAID, True]}, {"items": [HEARD, True]}),
        ({"properties": {"a": SAID}}, {"properties": {"a": HEARD}}),
        ({"properties": {"enum": SAID}}, {"properties": {"enum": HEARD}}),
        ({"dependencies": {"a": SAID}}, {"dependencies": {"a": HEARD}}),
        ({"dependencies": {"a": ["b"]}}, {"dependencies": {"a": ["b"]}}),
        ({"$defs": {"a": SAID}}, {"$defs": {"a": HEARD}}),
        ({"enum": [SAID]}, {"enum": [SAID]}),
        ({"const": SAID, "default": SAID}, {"const": SAID, "default": SAID}),
        ({"x-of-somebody": SAID}, {"x-of-somebody": SAID}),
        ({"properties": SAID}, {"properties": SAID}),
    ],
    ids=str,
)
def test_what_is_a_schema_is_changed_and_what_is_data_stays(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert map_subschemas(before, heard) == after


def test_these_are_the_keywords_whose_metaschema_refers_to_the_metaschema() -> None:
    itself = ("'#'", "'#meta'", "schemaArray'")
    found = {
        keyword
        for uri in REGISTRY
        if "draft-03" not in uri
        for keyword, said in REGISTRY[uri].contents.get("properties", {}).items()
        if any(reference in str(said) for reference in itself)
    }
    assert found == ONE | LISTS | MAPS
