"""The drafts of JSON Schema: which keywords each knows, and where they differ.

Knows nothing about what a keyword means.

Source: https://json-schema.org/specification-links (drafts 4, 6, 7, 2019-09, 2020-12).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

_DRAFT_4 = frozenset(
    "type enum properties required additionalProperties patternProperties"
    " minProperties maxProperties dependencies items additionalItems uniqueItems"
    " minItems maxItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"
    " minLength maxLength pattern format allOf anyOf oneOf not $ref".split()
)
_DRAFT_6 = _DRAFT_4 | {"const", "contains", "propertyNames"}
_DRAFT_7 = _DRAFT_6 | {"if", "then", "else"}
_DRAFT_2019 = (_DRAFT_7 - {"dependencies"}) | frozenset(
    "dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties"
    " minContains maxContains $recursiveRef".split()
)
_DRAFT_2020 = (_DRAFT_2019 - {"additionalItems", "$recursiveRef"}) | {
    "prefixItems",
    "$dynamicRef",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One draft.

    Attributes:
        name: For example `draft7`; the unstated dialect is called `unstated`.
        keywords: The keywords that constrain values.
        id_keyword: `id` in draft 4, `$id` later.
        ref_hides_siblings: Whether `$ref` makes its neighbours void (up to draft 7).
        has_tuple_items: Whether `items` may be a list.
    """

    name: str
    keywords: frozenset[str]
    id_keyword: str = "$id"
    ref_hides_siblings: bool = False
    has_tuple_items: bool = True


DRAFT_4 = Dialect("draft4", _DRAFT_4, id_keyword="id", ref_hides_siblings=True)
DRAFT_6 = Dialect("draft6", _DRAFT_6, ref_hides_siblings=True)
DRAFT_7 = Dialect("draft7", _DRAFT_7, ref_hides_siblings=True)
DRAFT_2019 = Dialect("draft2019-09", _DRAFT_2019)
DRAFT_2020 = Dialect("draft2020-12", _DRAFT_2020, has_tuple_items=False)

#: For a schema without `$schema`: everything that any draft knows, and that has one
#: meaning, so that a tool written for an older draft is understood too.
UNSTATED = Dialect("unstated", _DRAFT_2020 | {"additionalItems", "dependencies"})

#: What constrains in some draft.
ALL_KEYWORDS = UNSTATED.keywords | _DRAFT_2019

_APPLICATORS = frozenset(
    "prefixItems items contains additionalItems additionalProperties properties"
    " patternProperties propertyNames dependentSchemas if then else allOf anyOf oneOf"
    " not".split()
)
_UNEVALUATED = frozenset(("unevaluatedItems", "unevaluatedProperties"))
_FORMAT = frozenset(("format",))
_CORE = frozenset(("$ref", "$dynamicRef", "$recursiveRef"))
#: The last part of a vocabulary's URI → what it gives force to.
_VOCABULARIES = {
    "applicator": _APPLICATORS | _UNEVALUATED,
    "unevaluated": _UNEVALUATED,
    "validation": ALL_KEYWORDS - _APPLICATORS - _UNEVALUATED - _FORMAT - _CORE,
    "format": _FORMAT,
    "format-annotation": _FORMAT,
    "format-assertion": _FORMAT,
}

_BY_URI = (
    (re.compile(r"draft-0?4\b"), DRAFT_4),
    (re.compile(r"draft-0?6\b"), DRAFT_6),
    (re.compile(r"draft-0?7\b"), DRAFT_7),
    (re.compile(r"draft/2019-09\b"), DRAFT_2019),
    (re.compile(r"draft/2020-12\b"), DRAFT_2020),
)


def find_dialect(uri: object) -> Dialect | None:
    """The dialect that a `$schema` value names, or None for an unknown one."""
    if isinstance(uri, str) and "json-schema.org" in uri:
        for pattern, dialect in _BY_URI:
            if pattern.search(uri):
                return dialect
    return None


def dialect_of_metaschema(metaschema: Any) -> Dialect | None:
    """The dialect of a metaschema of one's own: a draft without some vocabularies.

    None when it does not say on which draft it builds. Vocabularies that no draft has
    mean nothing here.

    Source: JSON Schema Core 2020-12, section 8.1.2.
    """
    if not isinstance(metaschema, dict):
        return None
    base = find_dialect(metaschema.get("$schema"))
    names = metaschema.get("$vocabulary")
    if base is None or not isinstance(names, dict):
        return base
    keywords = set(_CORE)
    for name in names:
        keywords |= _VOCABULARIES.get(name.rpartition("/")[2], frozenset())
    if base is DRAFT_2020 and not any(n.endswith("/unevaluated") for n in names):
        keywords -= _UNEVALUATED
    return replace(base, keywords=base.keywords & keywords)
