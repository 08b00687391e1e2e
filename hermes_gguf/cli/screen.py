"""A terminal that rich draws on, and that nothing from outside can give orders to.

Every drawing goes through here, every line that is not drawn through `terminal.tell`;
the linter refuses rich's own console and typer's `echo` elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType  # noqa: TID251
from rich.segment import Segment
from rich.text import Text

from .terminal import is_terminal, visible


class Screen(Console):
    """Rich's console; on a terminal, texts are made visible before they are drawn.

    What rich itself says to the terminal, colours and the cursor's way, stays. A pipe
    gets texts as they are, whatever FORCE_COLOR says: they are somebody's data.
    """

    def __init__(self, *, file: TextIO | None = None, stderr: bool = False) -> None:
        """Draw on `file`, or else on stdout, or with `stderr` on that."""
        stream = file or (sys.stderr if stderr else sys.stdout)
        super().__init__(
            file=file,
            stderr=stderr,
            force_terminal=is_terminal(stream),
            # `[red]` and `:warning:` are what somebody wrote.
            markup=False,
            emoji=False,
            highlight=False,
        )

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as rich draws it: visible before its width is measured."""
        shown = visible(text) if self.is_terminal else text
        return super().render_str(shown, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """What is drawn, piece by piece."""
        for piece in super().render(renderable, options):
            if piece.control or not self.is_terminal:
                yield piece
            else:
                yield Segment(visible(piece.text), piece.style)
