"""A row of the table: two lists of figures, their ratio, and the bar it shall reach.

Pure values. Figures of one index were taken right after each other, so the ratio is
taken pair by pair and its median is what counts: a machine that drifts, drifts for
both.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

Verdict = str


@dataclass
class Row:
    """One comparison.

    Attributes:
        key: Short name, for --only and JSON.
        title: What was done.
        unit: Unit of the figures ("tok/s", "s", "MiB").
        ours: Our figures, in the order in which they were taken.
        peers: The peer's, taken in between.
        peer: Who that is.
        higher_is_better: Whether the ratio is ours/peer or peer/ours.
        bar: What the ratio shall be at least; None is for information.
        note: What a reader must know to judge the figures.
        detail: Everything else worth keeping in the JSON.
    """

    key: str
    title: str
    unit: str
    ours: Sequence[float]
    peers: Sequence[float]
    peer: str
    higher_is_better: bool = True
    bar: float | None = None
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def ratios(self) -> list[float]:
        """How many times better we are, pair by pair."""
        if len(self.ours) != len(self.peers):
            pairs = [(median(self.ours), median(self.peers))]
        else:
            pairs = list(zip(self.ours, self.peers, strict=True))
        if self.higher_is_better:
            return [ours / peer for ours, peer in pairs]
        return [peer / ours for ours, peer in pairs]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def verdict(self) -> Verdict:
        if self.bar is None:
            return ""
        return "pass" if self.ratio >= self.bar else "FAIL"

    def to_json(self) -> dict[str, Any]:
        shown = {"ratio": self.ratio, "ratios": self.ratios, "verdict": self.verdict}
        return asdict(self) | shown


def render_table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, notes below."""
    lines = [
        "| | hermes-gguf | peer | ratio (spread) | bar | |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        bar = "" if row.bar is None else f"≥ {row.bar:g}"
        low, high = min(row.ratios), max(row.ratios)
        spread = f"{row.ratio:.2f} ({low:.2f}..{high:.2f})"
        ours = f"{_figure(median(row.ours))} {row.unit}"
        peers = f"{_figure(median(row.peers))} {row.unit} ({row.peer})"
        cells = (row.title, ours, peers, spread, bar, row.verdict)
        lines.append("| " + " | ".join(cells) + " |")
    notes = [f"- {row.title}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, "", *notes])


def save_json(path: Path, rows: Sequence[Row], *, setup: dict[str, Any]) -> None:
    """Keep every single figure."""
    machine = {"machine": platform.machine(), "system": platform.platform()}
    data = {"setup": setup | machine, "rows": [row.to_json() for row in rows]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def _figure(value: float) -> str:
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
