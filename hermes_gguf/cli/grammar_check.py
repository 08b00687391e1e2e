"""`hermes-gguf grammar --check`: does the grammar accept these documents?

Judges texts; a second opinion on the value comes from jsonschema. Where a text stops
is in `grammar_walk`, another spelling of the same value in `grammar_spell`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SchemaError
from .grammar_build import Built
from .grammar_source import read_text
from .grammar_spell import Spelling, spell_value
from .grammar_walk import Walk, describe_next, forced_text, walk_text
from .terminal import read_stdin

#: Width of the excerpt around the place where a text stops, in characters.
_BEFORE, _AFTER = 48, 24


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about one document.

    Attributes:
        name: The file, with the line when it holds several documents.
        walk: How far the grammar went along.
        value_problem: Why jsonschema refuses the value; "" when it does not, None
            when it was not asked: no JSON, or no schema.
        spelling: When the text is refused: the same value in the grammar's own
            spelling (white space, order of keys).
        closed: Whether the grammar allows no undeclared keys.
    """

    name: str
    walk: Walk
    value_problem: str | None = None
    spelling: Spelling | None = None
    closed: bool = False

    @property
    def respelt(self) -> str | None:
        """Another text of the same value, which is accepted."""
        return self.spelling.text if self.spelling else None

    def passes(self, *, as_values: bool) -> bool:
        """Whether the text is accepted or, for values, another spelling of it."""
        return self.walk.accepted or (as_values and self.respelt is not None)


def read_documents(names: Iterable[str], *, lines: bool) -> Iterator[tuple[str, str]]:
    """Each document with its name; files ending in .jsonl hold one on each line.

    The line break at the end of a file is no part of its document.

    Raises:
        OptionError: a file cannot be read.
    """
    for name in names:
        text = read_stdin() if name == "-" else read_text(Path(name))
        shown = "stdin" if name == "-" else name
        if not lines and Path(name).suffix != ".jsonl":
            yield shown, text.removesuffix("\n").removesuffix("\r")
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield f"{shown}:{number}", line.removesuffix("\r")


class DocumentJudge:
    """Judges documents by one grammar, and their values by jsonschema."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._find_problem = _value_checker(built.schema)

    def judge(self, name: str, text: str, *, as_value: bool = False) -> Verdict:
        """The verdict on one document.

        Args:
            name: What to call the document.
            text: The document.
            as_value: Judge the value where the text is refused: show where the best
                spelling of it stops.
        """
        built = self._built
        walk = walk_text(built.constraint, text)
        if built.schema is None:
            return Verdict(name, walk)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return Verdict(name, walk)
        problem = self._find_problem(value)
        if walk.accepted:
            return Verdict(name, walk, problem)
        spelling = spell_value(built.constraint, value, whitespace=built.whitespace)
        if as_value and spelling.farthest:
            walk = walk_text(built.constraint, spelling.farthest)
        return Verdict(name, walk, problem, spelling, built.closed)


def _value_checker(schema: Any) -> Callable[[Any], str | None]:
    """What says why a value breaks the schema: "" if it does not, None if unknown."""
    from ..chat.validator import SchemaValidator

    if schema is None:
        return lambda value: None
    try:
        validator = SchemaValidator(schema)
    except SchemaError:
        return lambda value: None

    def find_problem(value: Any) -> str | None:
        try:
            return validator.problem(value)
        # It cannot follow every reference, nor read every pattern.
        except SchemaError:
            return None

    return find_problem


def render_verdict(verdict: Verdict, *, as_values: bool = False) -> list[str]:
    """The verdict in lines for a person."""
    walk = verdict.walk
    name = f"{verdict.name}: " if verdict.name else ""
    if walk.accepted:
        lines = [f"{name}accepted"]
        if verdict.value_problem:
            lines.append(f"  jsonschema refuses it: {verdict.value_problem}")
        return lines
    if as_values and verdict.respelt is not None:
        return [f"{name}accepted, in another spelling"]
    # In another spelling, lines and columns are not those of the file.
    where = f" at line {walk.line}, column {walk.column}"
    lines = [f"{name}refused" + ("" if as_values and verdict.spelling else where)]
    lines += [f"  {line}" for line in render_stop(walk)]
    lines += [f"  {line}" for line in _second_opinion(verdict)]
    return lines


def _second_opinion(verdict: Verdict) -> Iterator[str]:
    """What to know of the value of a text that is refused."""
    if verdict.respelt is not None:
        yield f"same value, accepted: {_cut(verdict.respelt)}"
    elif verdict.value_problem:
        yield f"jsonschema: {verdict.value_problem}"
    elif verdict.value_problem == "":
        why = ": it allows undeclared keys, try --open" if verdict.closed else ""
        yield f"jsonschema accepts it{why}"


def render_stop(walk: Walk) -> list[str]:
    """The line where the text stops, a caret under the place, and what may come."""
    from rich.cells import cell_len

    start = walk.text.rfind("\n", 0, walk.offset) + 1
    end = walk.text.find("\n", walk.offset)
    before = _visible(walk.text[start : walk.offset])
    after = _visible(walk.text[walk.offset : None if end < 0 else end])
    if len(before) > _BEFORE:
        before = "…" + before[1 - _BEFORE :]
    if len(after) > _AFTER:
        after = after[: _AFTER - 1] + "…"
    return [
        before + after,
        " " * cell_len(before) + "^",
        f"expected {describe_next(walk.state)}; found {walk.found}",
    ]


def verdict_json(verdict: Verdict, *, as_values: bool) -> dict[str, Any]:
    """The verdict for programs."""
    walk = verdict.walk
    out: dict[str, Any] = {
        "name": verdict.name,
        "accepted": verdict.passes(as_values=as_values),
    }
    if not walk.accepted:
        out["stop"] = {
            "offset": walk.offset,
            "line": walk.line,
            "column": walk.column,
            "expected": describe_next(walk.state),
            "forced": forced_text(walk.state),
            "may_end": walk.state.may_end,
        }
        out["spelling"] = verdict.respelt
    problem = verdict.value_problem
    out["jsonschema"] = "valid" if problem == "" else problem
    return out


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _cut(text: str) -> str:
    text = text.replace("\n", "\\n")
    return text if len(text) <= 100 else text[:99] + "…"
