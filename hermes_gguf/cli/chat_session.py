"""A chat at the terminal: the conversation, and how its turns are asked and shown.

Holds what slash commands change and turns use. It reads no keys; what was said is
kept by `chat.conversation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ..chat.conversation import Conversation
from ..errors import OptionError
from ..options import SamplingOptions
from .render import TurnView

if TYPE_CHECKING:
    from ..chat.execute import Approve
    from ..chat.tool_loop import ToolRun

_ENDS = {
    "length": "the answer was cut: the context or max_tokens is used up",
    "depth": "the model kept calling tools; say something to go on",
}


@dataclass
class ChatSession:
    """What a chat at the terminal consists of.

    Attributes:
        conversation: History, system text, tools.
        console: Where answers are shown.
        sampling: How tokens are chosen.
        max_tokens: Tokens of one answer at most; None is until the context is full.
        thinking: Ask for reasoning first.
        markdown: Render Markdown.
        stats: Say after each turn what it cost.
        view: What is on the screen while a turn runs.
    """

    conversation: Conversation
    console: Console
    sampling: SamplingOptions
    max_tokens: int | None = None
    thinking: bool = False
    markdown: bool = True
    stats: bool = True
    view: TurnView | None = field(default=None, init=False)

    def say(self, text: str, *, approve: Approve | None) -> None:
        """One turn of the person: answer, call, answer, until the model is done.

        Ctrl-C ends the answer and keeps what was said.

        Raises:
            HermesError: the turn cannot be, or failed; what it said is kept, and a
                turn without any answer is taken back.
        """
        view = TurnView(self.console, markdown=self.markdown)
        self.view = view
        items = self.conversation.ask(
            text,
            approve=approve,
            sampling=self.sampling,
            max_tokens=self.max_tokens,
            thinking=self.thinking,
        )
        try:
            for item in items:
                view.feed(item)
        except KeyboardInterrupt:
            items.close()
            view.close()
            self.console.print("[dim](stopped; what was said is kept)[/dim]")
        finally:
            view.close()
        if self.conversation.last is not None:
            self._close_turn(self.conversation.last)

    def _close_turn(self, run: ToolRun) -> None:
        if run.stopped in _ENDS:
            self.console.print(f"[yellow]({_ENDS[run.stopped]})[/yellow]")
        if self.stats and run.usage.completion_tokens:
            assert self.view is not None
            self.view.show_usage(run.usage)

    def set_option(self, name: str, text: str) -> None:
        """Change one sampling option, or max_tokens (0: no limit).

        Raises:
            OptionError: no such option, or a value out of range.
        """
        if name == "max_tokens":
            self.max_tokens = _number(name, text, int) or None
            return
        if name not in option_names():
            raise OptionError(name, f"unknown; there are {', '.join(self.options())}")
        current = getattr(self.sampling, name)
        kind = int if current is None else type(current)
        self.sampling = replace(self.sampling, **{name: _number(name, text, kind)})

    def options(self) -> dict[str, Any]:
        """The options that `set_option` changes, with their values."""
        values = {n: getattr(self.sampling, n) for n in option_names()}
        return {**values, "max_tokens": self.max_tokens}


def option_names() -> list[str]:
    """The sampling options that can be set by name and one number."""
    return [n for n in SamplingOptions.__slots__ if n != "logit_bias"]


def _number(name: str, text: str, kind: type) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise OptionError(name, f"{text!r} is no {kind.__name__}") from error
