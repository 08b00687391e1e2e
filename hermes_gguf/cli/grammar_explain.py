"""`hermes-gguf grammar --explain`: what becomes of every keyword, and why.

Collects the compiler's report, and what it refuses, into rows. Knows the reasons of
the compiler only by its errors, and prints nothing.
"""

from __future__ import annotations

import copy
import difflib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from typing import Any, Literal

from ..errors import SchemaBudgetError, SchemaError, UnsupportedSchemaError
from ..grammar.compile import Whitespace, compile_schema
from ..grammar.compiled import Grammar, Report, ReportEntry
from ..grammar.schema.dialects import UNSTATED
from ..json_pointer import split_pointer, step_into
from ..messages import Tool

Treatment = Literal["enforced", "checked", "refused", "annotation"]

#: How long to look for further culprits after the first one.
_SEARCH_S = 5.0
_NO_KEYWORD = "no keyword of JSON Schema"
_DESCRIBES = "describes; constrains nothing"
_ANNOTATIONS = {
    **dict.fromkeys(
        "title description default example examples $comment deprecated readOnly"
        " writeOnly contentEncoding contentMediaType contentSchema".split(),
        _DESCRIBES,
    ),
    **dict.fromkeys(("$defs", "definitions"), "holds schemas that $ref names"),
    **dict.fromkeys(
        "$id id $anchor $dynamicAnchor $recursiveAnchor".split(), "a name for $ref"
    ),
    "$schema": "names the dialect",
    "$vocabulary": "of metaschemas only",
    "nullable": 'of OpenAPI, not of JSON Schema; write "type": [..., "null"]',
    "discriminator": "of OpenAPI; the branches decide by themselves",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One keyword.

    Attributes:
        pointer: JSON pointer, "#/properties/age/minimum", after the tool's name.
        keyword: The keyword.
        treatment: What becomes of it.
        note: Why, or what to know; may be empty.
    """

    pointer: str
    keyword: str
    treatment: Treatment
    note: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every keyword of one schema.

    Attributes:
        rows: In the schema's order.
        error: The first reason why there is no grammar, or None.
        is_whole: Whether every keyword that has force is in `rows`; otherwise the
            compiler could not go on after `error`.
        n_open: Objects to which keys may be added that they do not name.
    """

    rows: tuple[Row, ...]
    error: SchemaError | None = None
    is_whole: bool = True
    n_open: int = 0

    def count(self, treatment: Treatment) -> int:
        """How many keywords are treated so."""
        return sum(row.treatment == treatment for row in self.rows)


def explain_schema(
    schema: Any,
    *,
    closed: bool,
    whitespace: Whitespace = "hermes",
    on_unsupported: Literal["refuse", "check"] = "refuse",
) -> Explanation:
    """What becomes of each keyword; a schema without a grammar is explained too."""
    compile_as = partial(compile_schema, closed=closed, whitespace=whitespace)
    search = _search(schema, compile_as)
    report, fatal = search.report, search.fatal
    if search.culprits:
        try:
            report, fatal = compile_as(schema, on_unsupported="check").report, None
        except SchemaError as error:
            fatal = error
    errors = [*search.culprits.values(), *([fatal] if fatal else [])]
    refuses = on_unsupported == "refuse" or fatal is not None
    rows = _rows(report or Report(), {e.pointer: e for e in errors}, refuses=refuses)
    return Explanation(
        tuple(rows),
        error=errors[0] if errors and refuses else None,
        is_whole=report is not None,
        n_open=report.n_open if report else 0,
    )


def explain_tools(
    tools: Iterable[Tool], on_unsupported: Literal["refuse", "check"]
) -> Explanation:
    """What becomes of each keyword of the tools' parameters."""
    rows: list[Row] = []
    error: SchemaError | None = None
    is_whole = True
    for tool in tools:
        found = explain_schema(
            dict(tool.parameters), closed=True, on_unsupported=on_unsupported
        )
        rows += [replace(row, pointer=tool.name + row.pointer) for row in found.rows]
        is_whole = is_whole and found.is_whole
        if error is None and found.error is not None:
            error = found.error
            error.name_tool(tool.name)
    return Explanation(tuple(rows), error, is_whole)


def find_misspelled(schema: Mapping[str, Any]) -> list[str]:
    """One line for each keyword that is none, and looks as if it were meant to be one.

    Empty for a schema without a grammar: its error says more.
    """
    try:
        report = tuple(compile_schema(schema, on_unsupported="check").report)
    except SchemaError:
        return []
    unknown = [entry for entry in report if _is_unknown(entry)]
    if unknown and len(unknown) == len(report):
        return [f"it has {_NO_KEYWORD}, so that any JSON is an answer"]
    return [f"#{e.pointer} is {_note(e)}" for e in unknown if _meant(e.keyword)]


@dataclass(slots=True)
class _Search:
    """The keywords that have no grammar, the error that ended the search, the rest."""

    culprits: dict[str, SchemaError] = field(default_factory=dict)
    fatal: SchemaError | None = None
    report: Report | None = None


def _search(schema: Any, compile_as: Callable[..., Grammar]) -> _Search:
    """Take out one culprit after the other, to learn the reason of each."""
    found = _Search()
    deadline = time.monotonic() + _SEARCH_S
    rest: Any = schema
    while True:
        try:
            found.report = compile_as(rest).report
            return found
        except (UnsupportedSchemaError, SchemaBudgetError) as error:
            rest = _without(rest, error.pointer)
            if rest is None:
                found.fatal = error
                return found
            found.culprits[error.pointer] = error
            if time.monotonic() > deadline:
                return found
        except SchemaError as error:
            found.fatal = error
            return found


def _without(schema: Any, pointer: str) -> Any:
    """A copy without the keyword at `pointer`; None when it is not in there."""
    out = copy.deepcopy(schema)
    try:
        *path, last = split_pointer(pointer)
        at = reduce(step_into, path, out)
    except (LookupError, ValueError):
        return None
    if not isinstance(at, dict) or last not in at:
        return None
    del at[last]
    return out


def _rows(
    report: Report, errors: Mapping[str, SchemaError], *, refuses: bool
) -> list[Row]:
    left = dict(errors)
    rows = []
    for entry in report:
        error = left.pop(entry.pointer, None)
        note = entry.note or _note(entry)
        treatment: Treatment = entry.treatment
        if error is not None:
            treatment = "refused" if refuses else "checked"
            note = error.problem
        elif treatment == "checked" and refuses:
            treatment, note = "refused", "cannot be enforced beside the others"
        rows.append(Row(f"#{entry.pointer}", entry.keyword, treatment, note))
    # What the compiler could not get past has no entry.
    rows += [
        Row(f"#{error.pointer}", error.keyword, "refused", error.problem)
        for error in left.values()
    ]
    return rows


def _note(entry: ReportEntry) -> str:
    if entry.treatment != "annotation":
        return ""
    if not _is_unknown(entry):
        return _ANNOTATIONS.get(entry.keyword) or "no keyword of this dialect"
    meant = _meant(entry.keyword)
    return f"{_NO_KEYWORD}; did you mean {meant}?" if meant else _NO_KEYWORD


def _is_unknown(entry: ReportEntry) -> bool:
    """Whether no dialect has the keyword."""
    known = entry.keyword in _ANNOTATIONS or entry.keyword in UNSTATED.keywords
    return entry.treatment == "annotation" and not entry.note and not known


def _meant(keyword: str) -> str | None:
    """The keyword that an unknown one is close to, if it was meant to be one."""
    if keyword.startswith(("_", "x-")):
        return None
    names = {name.lower(): name for name in UNSTATED.keywords}
    close = difflib.get_close_matches(keyword.lower(), names, n=1, cutoff=0.85)
    return names[close[0]] if close else None
