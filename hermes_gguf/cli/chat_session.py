"""A chat at the terminal: the conversation, and how its turns are asked and shown.

Holds what slash commands change and turns use. It reads no keys; what was said is
kept by `chat.conversation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from ..chat.conversation import Conversation
from ..chat.execute import ToolStep
from ..errors import OptionError
from ..files import expand
from ..options import SamplingOptions
from .kept_chats import ChatKeeper, KeptChat
from .lasting_streams import KeptStreams, kept_streams
from .render import TurnView, shorten
from .screen import Screen
from .terminal import TypedKeys

if TYPE_CHECKING:
    from ..chat.execute import Approve
    from ..chat.tool_loop import LoopItem, ToolRun
    from ..messages import ToolCall
    from ..tools import PythonTool

_ENDS = {
    "length": "the answer was cut: the context or max_tokens is used up",
    "depth": "the model kept calling tools; say something to go on",
}
#: Part of the context from which on each turn says how full it is.
_NEARLY_FULL = 0.75
#: Options that may be unset, by `none`.
_OPTIONAL = ("seed", "max_tokens")


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
        n_ctx: Context length in tokens; 0 where nobody needs to know.
        file: Where the conversation was saved to or loaded from last.
        keeper: Keeps the conversation by itself; None where nothing shall be kept.
        view: What is on the screen while a turn runs.
    """

    conversation: Conversation
    console: Screen
    sampling: SamplingOptions
    max_tokens: int | None = None
    thinking: bool = False
    markdown: bool = True
    stats: bool = True
    n_ctx: int = 0
    file: Path | None = None
    keeper: ChatKeeper | None = None
    view: TurnView | None = field(default=None, init=False)
    _told_not_kept: bool = field(default=False, init=False, repr=False)
    _keys: TypedKeys = field(default_factory=TypedKeys, init=False, repr=False)

    def say(self, text: str, *, approve: Approve | None, keep_on: bool = True) -> None:
        """One turn of the person: answer, call, answer, until the model is done.

        Args:
            text: What the person says.
            approve: Asked before every call.
            keep_on: Ctrl-C ends the answer only, and keeps what was said.

        Raises:
            KeyboardInterrupt: Ctrl-C, without `keep_on`.
            HermesError: the turn cannot be, or failed; what it said is kept, and a
                turn without any answer is taken back.
        """
        view = TurnView(self.console, markdown=self.markdown)
        self.view = view
        items = self.conversation.ask(
            text,
            approve=approve and self._watched(approve),
            sampling=self.sampling,
            max_tokens=self.max_tokens,
            thinking=self.thinking,
        )
        try:
            with self._keys, kept_streams() as streams:
                for item in items:
                    undone = self._back_from(item, streams)
                    view.feed(item)
                    for line in undone:
                        view.show_note(f"({line})")
        except KeyboardInterrupt:
            if not keep_on:
                raise
            items.close()
            view.close()
            lost = self.conversation.unanswered is not None
            kept = "nothing was answered yet" if lost else "what was said is kept"
            view.show_note(f"(stopped; {kept})")
        finally:
            # What was said until now belongs to the conversation, whatever ends it.
            items.close()
            view.close()
        if self.conversation.last is not None:
            self._close_turn(self.conversation.last)

    def save(self, name: str) -> Path:
        """Write the conversation to a file, and return which.

        Args:
            name: The file; empty is the one of the last time, or a new one.

        Raises:
            OptionError: something else is there already, or the folder is not.
        """
        path = expand(name) if name else self.file or _free_path()
        if path != self.file and path.exists():
            raise OptionError("path", f"{path} is there already; take another name")
        self.conversation.save(path)
        self.file = path
        return path

    def load(self, path: Path) -> None:
        """Go on with a saved conversation.

        Raises:
            OptionError: the file cannot be read, or holds no conversation.
            MessageError: a message is malformed.
        """
        try:
            self.conversation.load(path)
        except OSError as error:
            raise OptionError(
                "path",
                f"{path}: {error.strerror}",
                hint="/continue lists the chats that kept themselves",
            ) from error
        self.file = path
        if self.keeper is not None:
            self.keeper.begin_anew()

    def clear(self) -> None:
        """Begin a new conversation; the old one stays among the kept ones."""
        self.conversation.clear()
        if self.keeper is not None:
            self.keeper.begin_anew()

    def forget(self, n_turns: int) -> int:
        """Drop the oldest turns; the whole conversation stays among the kept ones."""
        gone = self.conversation.forget(n_turns)
        if gone and self.keeper is not None:
            self.keeper.begin_anew()
        return gone

    def kept_chats(self) -> list[KeptChat]:
        """Earlier chats that can be gone on with, the last used first."""
        return [] if self.keeper is None else self.keeper.others()

    def go_on(self, chat: KeptChat) -> None:
        """Go on with an earlier chat; this one stays among the kept ones.

        Raises:
            OSError: its file went.
            HermesError: it is no conversation any more.
        """
        assert self.keeper is not None, "kept chats come from a keeper"
        self.keeper.go_on(chat, self.conversation)
        self.file = None

    def keep(self) -> None:
        """Keep the conversation as it is now; says once where that cannot be."""
        if self.keeper is None:
            return
        try:
            self.keeper.keep(self.conversation)
        except OSError as error:
            if not self._told_not_kept:
                self._told_not_kept = True
                why = error.strerror or str(error)
                self.show_note(f"(this chat is not kept: {why}; /save FILE writes it)")

    def show_note(self, line: str) -> None:
        """Say something that is no part of an answer."""
        TurnView(self.console).show_note(line)

    def show_last_turn(self) -> None:
        """Show where the conversation is: the last question and answer."""
        turns = self.conversation.turns()
        if not turns:
            return
        question, *rest = self.conversation.messages[turns[-1] :]
        self.console.print(Text(f"› {shorten(question.content)}", style="dim"))
        view = TurnView(self.console, markdown=self.markdown)
        view.show_answer(rest[-1].content if rest else "")
        self.console.print()

    def _back_from(self, item: LoopItem, streams: KeptStreams) -> list[str]:
        """After a function: keys do not show, and what it did to the streams is undone.

        Returns:
            What that was.
        """
        if not isinstance(item, ToolStep):
            return []
        undone = streams.restore(after=item.call.name if item.call else "a function")
        self._keys.hide()
        return undone

    def _watched(self, approve: Approve) -> Approve:
        """`approve`, and the keys show while a function runs: it may ask something."""

        def decide(call: ToolCall, tool: PythonTool) -> bool | str:
            verdict = approve(call, tool)
            if verdict is True:
                self._keys.show()
            return verdict

        return decide

    def _close_turn(self, run: ToolRun) -> None:
        assert self.view is not None
        if run.stopped in _ENDS:
            self.view.show_note(f"({_ENDS[run.stopped]})")
        if self.stats and run.usage.completion_tokens:
            self.view.show_usage(run.usage, full=self._fullness(run))

    def _fullness(self, run: ToolRun) -> float:
        """The part of the context that is used up, when it is worth a word."""
        if not self.n_ctx or run.completion is None:
            return 0.0
        usage = run.completion.usage
        full = (usage.prompt_tokens + usage.completion_tokens) / self.n_ctx
        return full if full >= _NEARLY_FULL else 0.0

    def set_option(self, name: str, text: str) -> None:
        """Change one sampling option, or max_tokens; `none` unsets what may be unset.

        Raises:
            OptionError: no such option, or a value out of range.
        """
        self.require_option(name)
        current = self.options()[name]
        kind = int if current is None else type(current)
        unset = name in _OPTIONAL and text.lower() == "none"
        value: Any = None if unset else _number(name, text, kind)
        if name != "max_tokens":
            self.sampling = replace(self.sampling, **{name: value})
            return
        if value is not None and value < 1:
            raise OptionError(name, "must be at least 1, or none")
        self.max_tokens = value

    def require_option(self, name: str) -> None:
        """Check that there is such an option.

        Raises:
            OptionError: naming those that there are.
        """
        if name not in self.options():
            raise OptionError(name, f"unknown; there are {', '.join(self.options())}")

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
        wanted = "whole number" if kind is int else "number"
        raise OptionError(name, f"{text!r} is no {wanted}") from error


def _free_path() -> Path:
    """A file of the usual name that is not there yet."""
    path, n = Path("conversation.json"), 1
    while path.exists():
        n += 1
        path = Path(f"conversation-{n}.json")
    return path
