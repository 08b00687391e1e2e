"""A JSON value → its text as a grammar wants it: white space, order of keys.

A search that asks the constraint at every step; it knows JSON, no schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..grammar.compile import Whitespace
from ..grammar.constraint import Constraint, ConstraintState

#: Steps before the search gives up; keys in every order are many.
_MAX_STEPS = 20_000

_Place: TypeAlias = tuple[ConstraintState, str]


@dataclass(frozen=True, slots=True)
class Spelling:
    """What the search found.

    Attributes:
        text: A text of the value that is accepted as a whole; None when there is
            none, or when the search took too long.
        farthest: Otherwise the attempt that went farthest, up to where it broke.
    """

    text: str | None
    farthest: str = ""


def spell_value(
    constraint: Constraint, value: Any, *, whitespace: Whitespace
) -> Spelling:
    """Write `value` so that the constraint accepts it, if there is a way.

    The order of the keys is kept where that is possible.
    """
    speller = _Speller(whitespace)
    try:
        found = speller.value((constraint.start(), ""), value, "\n")
    except (_GaveUpError, RecursionError):
        found = None
    if found and found[0].may_end:
        return Spelling(found[1])
    return Spelling(None, found[1] if found else speller.farthest)


class _GaveUpError(Exception):
    """The search took too long."""


@dataclass(slots=True)
class _Speller:
    whitespace: Whitespace
    steps: int = 0
    farthest: str = ""
    _n_farthest: int = -1

    def value(self, at: _Place, value: Any, line: str) -> _Place | None:
        """The place after `value`; `line` is a line break with its indentation."""
        if isinstance(value, dict):
            return self._object(at, value, line)
        if isinstance(value, list):
            return self._array(at, value, line)
        return self._first(at, _spellings(value))

    def _write(self, at: _Place, text: str) -> _Place | None:
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise _GaveUpError
        state = at[0].advance(text.encode("utf-8", "surrogatepass"))
        if state is not None:
            return state, at[1] + text
        if len(at[1]) > self._n_farthest:
            self._n_farthest, self.farthest = len(at[1]), at[1] + text
        return None

    def _first(self, at: _Place, texts: Iterator[str]) -> _Place | None:
        return next((place for text in texts if (place := self._write(at, text))), None)

    def _array(self, at: _Place, items: Sequence[Any], line: str) -> _Place | None:
        if not items:
            return self._write(at, "[]")
        inner = line + "  "
        place = self._write(at, "[" + self._gap(inner))
        for number, item in enumerate(items):
            if place is not None and number:
                place = self._write(place, self._comma(inner))
            if place is not None:
                place = self.value(place, item, inner)
        return place and self._write(place, self._gap(line) + "]")

    def _object(self, at: _Place, pairs: Mapping[str, Any], line: str) -> _Place | None:
        if not pairs:
            return self._write(at, "{}")
        inner = line + "  "
        place = self._write(at, "{" + self._gap(inner))
        place = place and self._pairs(place, dict(pairs), inner, is_first=True)
        return place and self._write(place, self._gap(line) + "}")

    def _pairs(
        self, at: _Place, left: Mapping[str, Any], line: str, *, is_first: bool
    ) -> _Place | None:
        """The place after all pairs that are left, in the first order that works."""
        if not left:
            return at
        comma = "" if is_first else self._comma(line)
        colon = ":" if self.whitespace == "compact" else ": "
        for key, value in left.items():
            name = json.dumps(key, ensure_ascii=False)
            place = self._write(at, f"{comma}{name}{colon}")
            place = place and self.value(place, value, line)
            others = {k: v for k, v in left.items() if k != key}
            place = place and self._pairs(place, others, line, is_first=False)
            if place is not None:
                return place
        return None

    def _gap(self, line: str) -> str:
        return line if self.whitespace == "pretty" else ""

    def _comma(self, line: str) -> str:
        return {"pretty": "," + line, "compact": ","}.get(self.whitespace, ", ")


def _spellings(value: Any) -> Iterator[str]:
    """1 and 1.0 are one number."""
    yield json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer():
        yield str(int(value))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield f"{value}.0"
