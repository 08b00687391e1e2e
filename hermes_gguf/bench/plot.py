"""A report as a picture: bars in an SVG file, written by hand.

Pure text; it knows neither terminals nor files.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .report import BenchReport, Group, Measurement

_WIDTH, _LEFT, _BAR, _STEP = 720, 300, 260, 26
_PANELS: tuple[tuple[str, tuple[Group, ...]], ...] = (
    ("Tokens per second (more is better)", ("read", "write")),
    ("A tool call, seconds (less is better)", ("call",)),
    ("First token, seconds (less is better)", ("turn", "restart")),
)
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.h{font-weight:600}.n{fill:#666}"
    "rect.b{fill:#3b6fb6}rect.p{fill:#fff}"
)


def render_plot(report: BenchReport) -> str:
    """The report as the text of an SVG file."""
    title = f"{report.model} on {report.backend}"
    parts = [_text(16, 26, title, "h")]
    top = 56
    for heading, groups in _PANELS:
        bars = [
            m
            for m in report.measurements
            if m.group in groups and m.unit in ("s", "tok/s")
        ]
        if bars:
            parts += _panel(heading, bars, top)
            top += _STEP * (len(bars) + 1) + 18
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{top}"'
        f' viewBox="0 0 {_WIDTH} {top}" role="img">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f'<rect class="p" width="{_WIDTH}" height="{top}"/>'
        + "".join(parts)
        + "</svg>\n"
    )


def _panel(heading: str, bars: Sequence[Measurement], top: int) -> list[str]:
    """One heading and its bars, all on one scale."""
    longest = max(bar.value for bar in bars) or 1.0
    parts = [_text(16, top, heading, "h")]
    for index, bar in enumerate(bars, 1):
        y = top + _STEP * index
        width = max(1.0, _BAR * bar.value / longest)
        parts.append(_text(16, y, bar.title))
        parts.append(
            f'<rect class="b" x="{_LEFT}" y="{y - 12}" width="{width:.1f}"'
            ' height="16" rx="2"/>'
        )
        figure = f"{bar.value:.3g} {bar.unit}"
        parts.append(_text(_LEFT + width + 8, y, figure, "n"))
    return parts


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{style}>{escape(text)}</text>'
