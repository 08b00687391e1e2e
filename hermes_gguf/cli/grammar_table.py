"""The table of `hermes-gguf grammar --explain`: for people, and for programs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from .grammar_explain import Explanation, Row
from .terminal import tell

_WORDS = {
    "enforced": "enforced",
    "checked": "checked after generation",
    "refused": "refused",
    "annotation": "annotation",
}
_STYLES = {"enforced": "green", "checked": "yellow", "refused": "bold red"}


def print_explanation(explanation: Explanation) -> None:
    """Print the table, and what it comes to, on stdout."""
    if explanation.rows:
        if sys.stdout.isatty():
            _print_rich(explanation)
        else:
            _print_plain(explanation)
    tell(summary(explanation))


def summary(explanation: Explanation) -> str:
    """What the table comes to, in a few lines."""
    counts = []
    for treatment, word in _WORDS.items():
        number = explanation.count(treatment)  # type: ignore[arg-type]
        plural = "s" if word == "annotation" and number > 1 else ""
        if number:
            counts.append(f"{number} {word}{plural}")
    lines = [", ".join(counts) + "."]
    if not counts:
        lines = ["There are no keywords."]
    if explanation.n_open:
        n_open = explanation.n_open
        objects = "1 object is" if n_open == 1 else f"{n_open} objects are"
        lines.append(f"{objects} open to undeclared keys; --closed shuts that.")
    if not explanation.is_whole:
        lines.append("The compiler stopped there; the other keywords were not judged.")
    return "\n".join(lines)


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The explanation for programs."""
    error = explanation.error
    return {
        "keywords": [asdict(row) for row in explanation.rows],
        "n_open_objects": explanation.n_open,
        "is_whole": explanation.is_whole,
        "error": None if error is None else error.message,
    }


def _print_plain(explanation: Explanation) -> None:
    rows = [_cells(row) for row in explanation.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    for place, word, note in rows:
        line = f"{place:<{widths[0]}}  {word:<{widths[1]}}  {note}"
        tell(line.rstrip())


def _print_rich(explanation: Explanation) -> None:
    from rich.table import Table
    from rich.text import Text

    from .screen import Screen

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Keyword", "Treatment", "Why"):
        table.add_column(title, overflow="fold")
    for row in explanation.rows:
        place, word, note = _cells(row)
        table.add_row(
            Text(place), Text(word, _STYLES.get(row.treatment, "dim")), Text(note)
        )
    Screen().print(table)


def _cells(row: Row) -> tuple[str, str, str]:
    return row.pointer, _WORDS[row.treatment], row.note
