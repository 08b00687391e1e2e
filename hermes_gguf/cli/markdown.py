"""Markdown on a terminal while it grows: what of it is final, and how it is drawn.

Draws with rich, and keeps what rich would drop: single line breaks, HTML, addresses
of links and images. It knows no conversation and prints nothing itself.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, RenderResult  # noqa: TID251
from rich.markdown import Markdown
from rich.segment import Segment

_PARSER = (
    MarkdownIt("commonmark", {"html": False})
    .enable(["strikethrough", "table"])
    # What these would hide from the reader stays in sight.
    .disable(["reference", "image", "autolink"])
)
_LINE_END = re.compile(r"\r\n?|\n")
_FENCE = re.compile(r" {0,3}(```|~~~)")

Row = list[Segment]


def finished_blocks(text: str) -> int:
    """How many characters at the start of `text` no later text can change.

    These are all top-level blocks but the last one, which may still grow.
    """
    line_starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    # The last line may still become anything.
    tokens = _PARSER.parse(text[: line_starts[-1]])
    blocks = [t.map[0] for t in tokens if t.level == 0 and t.map is not None]
    return line_starts[blocks[-1]] if len(blocks) > 1 else 0


def parse_markdown(text: str) -> Markdown:
    """The text as rich draws it, with nothing left out."""
    markdown = Markdown("", hyperlinks=False)
    markdown.parsed = _PARSER.parse(text)
    for token in markdown.parsed:
        for child in token.children or ():
            if child.type == "softbreak":
                child.type = "hardbreak"
    return markdown


class Block:
    """A piece of Markdown without empty lines around it.

    Attributes:
        text: Its source.
        fits: Draw only its last lines, as many as the terminal has room for: what
            is taller cannot be taken off the screen again.
        gap: Begin with an empty line.
    """

    def __init__(self, text: str, *, fits: bool = False, gap: bool = False) -> None:
        self.text = text
        self.fits = fits
        self.gap = gap

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """Draw it, as rich asks for."""
        room = max(1, console.height - 2)
        text = _end_of_fence(self.text, room) if self.fits else self.text
        rows = _trimmed(console.render_lines(parse_markdown(text), options, pad=False))
        if self.gap and rows:
            rows = [[], *rows]
        for row in rows[-room:] if self.fits else rows:
            yield from row
            yield Segment.line()


def _end_of_fence(text: str, n_lines: int) -> str:
    """The opening and the last lines of a code block that was not closed yet.

    To colour all of a long one anew for each token would take longer than the token.
    """
    lines = text.split("\n")
    if len(lines) <= n_lines + 1 or not _FENCE.match(lines[0]):
        return text
    return "\n".join([lines[0], *lines[-n_lines:]])


def _trimmed(rows: list[Row]) -> list[Row]:
    begin, end = 0, len(rows)
    while begin < end and _is_empty(rows[begin]):
        begin += 1
    while end > begin and _is_empty(rows[end - 1]):
        end -= 1
    return rows[begin:end]


def _is_empty(row: Row) -> bool:
    """Whether nothing is seen; the coloured border of a code block is."""
    return all(
        segment.text.isspace() and not (segment.style and segment.style.bgcolor)
        for segment in row
        if segment.text
    )
