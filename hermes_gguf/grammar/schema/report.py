"""Says of each keyword of a schema what became of it.

Walks the schema once more after the compilation, so that nobody pays for a report
that is not read. It does not decide anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ... import subschemas
from ...json_pointer import escape_token
from ..compiled import Report, ReportEntry
from ..formats import format_language
from .documents import Library
from .nodes import REFERENCES, RELAXED, Node

# Definitions count where they are referred to; `contentSchema` is about the text that a
# string holds.
_ONE = subschemas.ONE - {"contentSchema"}
_MANY = (subschemas.LISTS | subschemas.MAPS) - {"$defs", "definitions"}
_NOTES = {
    "minProperties": "counts keys as written; a repeated extra key counts twice",
    "properties": "keys come in this order",
}


def make_report(
    read: Callable[[], Library], *, closed: bool, asserts_formats: bool
) -> Report:
    """The report on the root schema and on all that it refers to.

    Args:
        read: Reads the documents anew, every place as a node of its own.
        closed: Whether objects were shut.
        asserts_formats: Whether `format` constrains.
    """
    entries: list[ReportEntry] = []
    seen: set[str] = set()
    stack = [read().root]
    while stack:
        node = stack.pop()
        if node.pointer in seen:
            continue
        seen.add(node.pointer)
        entries.extend(_entries(node, closed, asserts_formats))
        stack.extend(reversed(list(_below(node))))
    return Report(tuple(entries))


def _entries(node: Node, closed: bool, asserts_formats: bool) -> Iterator[ReportEntry]:
    if not isinstance(node.raw, dict) or node.keywords is None:
        return
    for keyword in node.raw:
        pointer = f"{node.pointer}/{escape_token(keyword)}"
        if keyword not in node.keywords:
            hidden = (
                "$ref" in node.keywords and keyword in node.resource.dialect.keywords
            )
            note = "a neighbour of $ref is ignored in this dialect" if hidden else ""
            yield ReportEntry(pointer, keyword, "annotation", note)
        elif node.keywords[keyword] is RELAXED:
            yield ReportEntry(
                pointer, keyword, "checked", "not enforced by the grammar"
            )
        elif keyword == "format" and not _is_asserted(node, asserts_formats):
            yield ReportEntry(pointer, keyword, "annotation", "no format that is known")
        else:
            note = _NOTES.get(keyword, "")
            yield ReportEntry(pointer, keyword, "enforced", note)
    if "properties" in node.keywords and not _OPENNESS & node.keywords.keys():
        note = "closed by option" if closed else "open: other keys may follow"
        yield ReportEntry(
            f"{node.pointer}/additionalProperties",
            "additionalProperties",
            "enforced" if closed else "annotation",
            f"absent; {note}",
            is_implied=True,
        )


_OPENNESS = frozenset(("additionalProperties", "unevaluatedProperties"))


def _is_asserted(node: Node, asserts_formats: bool) -> bool:
    assert node.keywords is not None
    name = node.keywords["format"]
    dialect = node.resource.dialect.name
    return asserts_formats and format_language(name, dialect) is not None


def _below(node: Node) -> Iterator[Node]:
    for keyword, value in (node.keywords or {}).items():
        if value is RELAXED:
            continue
        if keyword in REFERENCES:
            yield node.library.resolve(node, keyword)
        elif keyword in _MANY and isinstance(value, list):
            yield from node.each(keyword)
        elif keyword in _MANY and keyword != "items":
            for key, entry in value.items():
                if isinstance(entry, dict | bool):
                    yield node.at(keyword, key)
        elif keyword in _ONE:
            yield node.at(keyword)
