"""What an evaluation found, as values; how it looks is the door's business."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .score import ROWS
from .tally import Tally


@dataclass(kw_only=True)
class Column:
    """The score of one way to ask.

    Attributes:
        lines: Line of the table → its tally.
        n_cut: Answers that reached the limit of tokens before their end.
        errors: What was raised instead of an answer; each is a miss.
    """

    lines: dict[str, Tally] = field(default_factory=dict)
    n_cut: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, hits: dict[str, bool]) -> None:
        """Count one answer."""
        for line, hit in hits.items():
            self.lines.setdefault(line, Tally()).add(hit)


@dataclass(kw_only=True)
class EvaluationReport:
    """The table, as far as it was measured.

    Attributes:
        model: The model's name.
        n_cases: Cases that were asked for.
        n_done: Cases that were answered in every way.
        max_tokens: Where an answer was cut.
        columns: "without grammar" and "with grammar", or one of them.
        elapsed_s: Seconds of asking.
        interrupted: Whether it was stopped before the end.
    """

    model: str
    n_cases: int
    max_tokens: int
    columns: dict[str, Column]
    n_done: int = 0
    elapsed_s: float = 0.0
    interrupted: bool = False

    def rows(self) -> Iterator[tuple[str, list[Tally]]]:
        """Each line of the table, with one tally for each column."""
        for line in (line for row in ROWS.values() for line in row.lines):
            tallies = [column.lines.get(line) for column in self.columns.values()]
            if any(tallies):
                yield line, [tally or Tally() for tally in tallies]

    def to_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "model": self.model,
            "cases": self.n_cases,
            "done": self.n_done,
            "interrupted": self.interrupted,
            "max_tokens": self.max_tokens,
            "elapsed_s": round(self.elapsed_s, 2),
            "columns": {name: _column_json(c) for name, c in self.columns.items()},
        }


def _column_json(column: Column) -> dict[str, Any]:
    lines = {line: _tally_json(tally) for line, tally in column.lines.items()}
    return {"lines": lines, "cut": column.n_cut, "errors": column.errors}


def _tally_json(tally: Tally) -> dict[str, Any]:
    low, high = tally.interval()
    return {
        "hits": tally.hits,
        "tries": tally.tries,
        "share": round(tally.share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }
