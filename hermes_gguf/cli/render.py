"""Shows a running answer on a terminal: Markdown, reasoning, calls, speed.

A fold over the loop's items, as every other consumer is. It asks nothing and
decides nothing. On a pipe it writes the bare text.
"""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.segment import Segment, Segments
from rich.text import Text

from ..engine.base import PrefillProgress
from ..events import (
    Finish,
    ReasoningDelta,
    TextDelta,
    ToolCallFailed,
    ToolCallStarted,
    Usage,
)
from .drawing import Drawing
from .markdown import Block, finished_blocks
from .reading import Reading
from .screen import Screen
from .terminal import tell, visible

if TYPE_CHECKING:
    from ..chat.execute import ToolStep
    from ..chat.tool_loop import LoopItem
    from ..messages import ToolCall

#: Characters of a call's arguments or result that are shown on its line.
SHOWN_CHARS = 400
#: What nobody sees, and what turns the direction of other text around: a call must not
#: look like another one. The joiners of emoji, and of Persian, are none of these.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)
#: Of fewer tokens a rate says nothing: the first one comes with the prompt.
_RATED_TOKENS = 5
#: Seconds between two drawings of a growing answer, and the part of the time that
#: drawing may take from the model.
_DRAW_EVERY_S, _DRAW_SHARE = 0.08, 0.1


def render_call(call: ToolCall, *, whole: bool = False) -> str:
    """A call as a person would write it: `name(key="value", n=1)`.

    Args:
        call: The call.
        whole: Leave nothing out, however long it is.
    """
    arguments = ", ".join(
        f"{key}={json.dumps(value, ensure_ascii=False)}"
        for key, value in call.arguments.items()
    )
    shown = _UNSEEN.sub(_spell, arguments if whole else shorten(arguments))
    return f"{call.name}({shown})"


def _spell(match: re.Match[str]) -> str:
    """A character as JSON can write it, too."""
    units = match.group().encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def shorten(text: str) -> str:
    """One line of the text, with what was left out counted."""
    line = " ".join(text.split())
    if len(line) <= SHOWN_CHARS:
        return line
    return f"{line[:SHOWN_CHARS]}… ({len(line) - SHOWN_CHARS} more characters)"


def render_usage(usage: Usage) -> str:
    """What a turn cost, in one line."""
    read = usage.prompt_tokens - usage.cached_tokens
    n = usage.completion_tokens
    parts = [f"{n} token{'s' * (n != 1)}"]
    if usage.decode_s > 0 and n >= _RATED_TOKENS:
        parts.append(f"{usage.tokens_per_s:.0f} tokens/s")
    if usage.forced_tokens:
        parts.append(f"{usage.forced_tokens} by the grammar")
    reading = f"read {read} in {usage.prefill_s:.1f} s"
    if usage.cached_tokens:
        reading += f", {usage.cached_tokens} cached"
    return ", ".join(parts) + " · " + reading


class TurnView:
    """Shows one turn; feed it every item, and `close` it however the turn ends."""

    def __init__(self, console: Screen, *, markdown: bool = True) -> None:
        self._console = console
        # Where nothing can be drawn anew, the text is shown as it comes.
        can_draw = console.is_terminal and not console.is_dumb_terminal
        self._markdown = markdown and can_draw
        self._drawing = Drawing(console)
        self._text = ""
        self._n_blocks = 0
        self._next_draw = 0.0
        self._open_line = False
        self._reasoning = False
        self._shown: ToolCall | None = None
        self._reading = Reading()

    def feed(self, item: LoopItem) -> None:
        """Show the next item."""
        from ..chat.execute import ToolStep

        match item:
            case PrefillProgress(done, total):
                self._show_prefill(done, total)
            case TextDelta(text):
                self._show_text(text)
            case ReasoningDelta(text):
                self._show_reasoning(text)
            case ToolCallStarted(_, _, name):
                self._end_text()
                self._status(f"calling {name}")
            case ToolCallFailed(error):
                self._note(f"! {error.message}: {shorten(error.text)}")
            case ToolStep():
                self._show_step(item)
            case Finish():
                self.pause()
            case _:
                pass

    def pause(self) -> None:
        """Take the moving part off the screen, to print or to ask something."""
        self._end_text()
        self._drawing.end()

    def show_question(self, call: ToolCall) -> None:
        """Show the call that the person is about to be asked about."""
        self._shown = call
        self._note(f"? {render_call(call, whole=True)}", style="bold cyan")

    def show_call(self, call: ToolCall) -> None:
        """Show a call that is about to run."""
        self._shown = call
        self._note(f"→ {render_call(call)}")

    def show_answer(self, text: str) -> None:
        """Show an answer that is complete."""
        if self._markdown:
            self._text = visible(text)
        else:
            self._write(text)
        self._end_text()

    def close(self) -> None:
        """End the turn; nothing moves on the screen any more."""
        self.pause()

    def show_usage(self, usage: Usage, *, full: float = 0.0) -> None:
        """Say what the turn cost, and how full the context is."""
        self._console.print(Text(render_usage(usage), style="dim"))
        if full:
            self.show_note(f"(the context is {full:.0%} full; /forget makes room)")

    def show_note(self, line: str) -> None:
        """Say something that is no part of the answer."""
        self.pause()
        if self._console.is_terminal:
            self._console.print(Text(line, style="magenta"))
        else:
            tell(line, err=True)

    def _show_prefill(self, done: int, total: int) -> None:
        if done < total:
            self._status(self._reading.line(done, total))

    def _show_text(self, text: str) -> None:
        self._end_reasoning()
        if not self._markdown:
            self._write(text)
            return
        self._text += visible(text)
        if "\n" in text:
            self._print_blocks(finished_blocks(self._text))
        self._draw()

    def _print_blocks(self, end: int) -> None:
        """Print the text up to `end` for good."""
        block, self._text = self._text[:end], self._text[end:]
        if not block.strip():
            return
        gap = self._n_blocks > 0
        self._n_blocks += 1
        with self._drawing.at_once():  # nothing flickers
            self._drawing.take_off()
            self._console.print(Block(block, gap=gap))
            if self._text:
                self._drawing.draw(self._growing())

    def _growing(self) -> Block:
        return Block(self._text, fits=True, gap=self._n_blocks > 0)

    def _draw(self) -> None:
        now = time.monotonic()
        if now < self._next_draw:
            return
        self._drawing.draw(self._growing())
        took = time.monotonic() - now
        self._next_draw = now + took + max(_DRAW_EVERY_S, took / _DRAW_SHARE)

    def _show_reasoning(self, text: str) -> None:
        self._drawing.end()
        self._reasoning = True
        self._print(text, style="dim italic")
        self._open_line = not text.endswith("\n")

    def _show_step(self, step: ToolStep) -> None:
        self.pause()
        if step.call is not None and step.call is not self._shown:
            self.show_call(step.call)
        mark = "←" if step.status == "ok" else f"← {step.status}:"
        self._note(f"{mark} {shorten(step.error or step.result)}")

    def _write(self, text: str) -> None:
        self._print(text)
        self._open_line = not text.endswith("\n") if text else self._open_line

    def _print(self, text: str, *, style: str = "") -> None:
        """A pipe gets the very text, tabs too; a terminal would obey some of it."""
        shown: RenderableType = Segments([Segment(text)])
        if self._console.is_terminal:
            shown = Text(visible(text), style=style)
        self._console.print(shown, end="", soft_wrap=True)

    def _end_text(self) -> None:
        self._end_reasoning()
        if self._text.strip():
            self._drawing.end()
            self._print_blocks(len(self._text))
        self._text, self._n_blocks = "", 0
        if self._open_line:
            self._console.print()
            self._open_line = False

    def _end_reasoning(self) -> None:
        if self._reasoning:
            self._reasoning = False
            if self._open_line:
                self._console.print()
                self._open_line = False

    def _note(self, line: str, *, style: str = "cyan") -> None:
        self.pause()
        self._console.print(Text(visible(line), style=style), soft_wrap=True)

    def _status(self, text: str) -> None:
        if self._console.is_terminal:
            line = Text(f"{text}…", style="dim", no_wrap=True, overflow="crop")
            self._drawing.draw(line)
