"""The part at the end of the screen that is drawn anew: what grows, and what is done.

It may be taken off again, wherever its rows are by then: most terminals break rows anew
when their window gets narrower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import RenderableType
from rich.control import Control
from rich.segment import ControlType, Segment, Segments

from .screen import Screen
from .settings import terminal_breaks_rows
from .suspending import drawn_first, stay_when_stopped, take_off_when_stopped


class Drawing:
    """Rows at the end of the screen, the cursor behind them."""

    def __init__(self, console: Screen) -> None:
        self._console = console
        self._rows: list[list[Segment]] = []
        self._is_begun = False
        self._breaks_rows = terminal_breaks_rows()

    def draw(self, renderable: RenderableType) -> None:
        """Draw this in the place of what was drawn before."""
        console = self._console
        if console.is_dumb_terminal:
            return
        rows = console.render_lines(renderable, pad=False)
        with self.at_once():
            if not self._is_begun:
                self._is_begun = True
                take_off_when_stopped(self.end)
                console.show_cursor(False)
            self._take_off()
            for number, row in enumerate(rows):
                start = [Segment.line()] if number else []
                console.print(Segments([*start, *row]), end="", soft_wrap=True)
            self._rows = rows

    def take_off(self) -> None:
        """Take it off; the cursor is where it began."""
        with self.at_once():
            self._take_off()

    def end(self) -> None:
        """Take it off for good."""
        with self.at_once():
            self._take_off()
            if self._is_begun:
                self._is_begun = False
                stay_when_stopped(self.end)
                self._console.show_cursor(True)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is printed and drawn within the block goes out as one write."""
        with drawn_first(), self._console:
            yield

    def _take_off(self) -> None:
        if not self._rows:
            return
        n_rows = len(self._rows)
        if self._breaks_rows:
            width = self._console.width
            n_rows = sum(_n_rows(row, width) for row in self._rows)
        clear = (ControlType.ERASE_IN_LINE, 2)
        up = ((ControlType.CURSOR_UP, 1), clear) * (n_rows - 1)
        self._console.control(Control(ControlType.CARRIAGE_RETURN, clear, *up))
        self._rows = []


def _n_rows(row: Sequence[Segment], width: int) -> int:
    """Rows that a row takes which was drawn when the terminal was wider."""
    n_cells = Segment.get_line_length(list(row))
    return max(1, -(-n_cells // max(1, width)))
