"""A conversation that remembers, survives errors, and can be saved.

The history is always one that the model can go on from: an interrupted answer is
kept as far as it came, and a question without any answer is taken back.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any, Unpack

from ..errors import MessageError
from ..messages import Message, SystemMessage, UserMessage
from ..options import require_count
from .feedback import turn_starts
from .model import ChatModel
from .named_options import LoopByName, require_known
from .saved import conversation_to_json, load_messages, save_messages
from .tool_loop import LoopItem, ToolLoop, ToolRun
from .tool_tokens import ToolTokens, count_tool_tokens
from .toolset import Executable, executables


class Conversation:
    """A chat with a model, turn by turn.

    Attributes:
        messages: The history, without the system text.
        system: The system text, or None.
        tools: What the model may call.
        last: What the latest turn came to.
        unanswered: The latest question, when it got no answer at all.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        system: str | None = None,
        tools: Iterable[Executable] = (),
        messages: Iterable[Message] = (),
        **options: Unpack[LoopByName],
    ) -> None:
        """Begin a conversation.

        Args:
            model: Who answers.
            system: System text.
            tools: Functions that may be executed.
            messages: An earlier history to go on from.
            **options: For every turn, as in `ToolLoop`.

        Raises:
            ToolDefinitionError: a function cannot become a tool.
            TypeError: there is no such option.
        """
        require_known(options, LoopByName, method="Conversation")
        self.messages = list(messages)
        if system is None:
            system, self.messages = _split_system(self.messages)
        self.system = system
        self.tools = list(executables(tools).values())
        self.last: ToolRun | None = None
        self.unanswered: str | None = None
        self._model = model
        self._options = options

    def ask(
        self, text: str, **options: Unpack[LoopByName]
    ) -> Generator[LoopItem, None, ToolRun]:
        """Say something, and iterate over the answer, calls included.

        Closing the iterator, or an error, keeps what was said until then.

        Args:
            text: What is said.
            **options: For this turn, as in `ToolLoop`; the fields of
                `SamplingOptions` by name, too.
        """
        require_known(options, LoopByName, method="Conversation.ask")
        self.unanswered = None
        question = self._question(text)
        asked = [*self._system(), *self.messages, question]
        merged: dict[str, Any] = {**self._options, **options}
        loop = ToolLoop(self._model, asked, self.tools, **merged)
        try:
            yield from loop
        finally:
            self.last = loop.result()
            said = loop.messages[len(asked) :]
            if said:
                self.messages += [question, *said]
            else:
                self.unanswered = text
        return self.last

    def say(self, text: str, **options: Unpack[LoopByName]) -> ToolRun:
        """Say something, and return the whole turn; the options are those of `ask`."""
        for _ in self.ask(text, **options):
            pass
        assert self.last is not None
        return self.last

    def _question(self, text: Any) -> UserMessage:
        if not isinstance(text, str):
            raise MessageError(
                f"what is said must be a text, not {type(text).__name__}",
                index=len(self.messages),
            )
        return UserMessage(text)

    def undo(self) -> str | None:
        """Take the latest turn back; returns its question, None when there is none."""
        turns = self.turns()
        if not turns:
            return None
        question = self.messages[turns[-1]].content
        del self.messages[turns[-1] :]
        return question

    def forget(self, n_turns: int) -> int:
        """Drop the oldest turns, to make room; returns how many were there to drop.

        Raises:
            OptionError: `n_turns` is no count.
        """
        require_count("n_turns", n_turns, least=0)
        turns = self.turns()
        n_turns = min(n_turns, len(turns))
        kept_from = [*turns, len(self.messages)][n_turns]
        if n_turns:
            del self.messages[:kept_from]
        return n_turns

    def turns(self) -> list[int]:
        """Where in `messages` each turn of the person begins."""
        return turn_starts(self.messages)

    def branch(self) -> Conversation:
        """A second conversation that goes on from here; neither hears of the other."""
        twin = Conversation(
            self._model, system=self.system, tools=self.tools, **self._options
        )
        twin.messages = list(self.messages)
        twin.last, twin.unanswered = self.last, self.unanswered
        return twin

    def __copy__(self) -> Conversation:
        return self.branch()

    def __deepcopy__(self, memo: dict[int, Any]) -> Conversation:
        return self.branch()

    def __repr__(self) -> str:
        return f"<Conversation of {len(self.messages)} messages>"

    def clear(self) -> None:
        """Forget the history; system text and tools stay."""
        self.messages = []
        self.last = self.unanswered = None

    def tool_tokens(self) -> ToolTokens:
        """How many tokens the tools take in every prompt."""
        return count_tool_tokens(self._model, [tool.tool for tool in self.tools])

    def to_json(self) -> dict[str, Any]:
        """The conversation as plain data, messages in OpenAI's form.

        `Hermes.conversation(messages=data["messages"])` goes on from it.
        """
        return conversation_to_json([*self._system(), *self.messages])

    def save(self, path: str | Path) -> None:
        """Write the conversation to a file, whole or not at all.

        Raises:
            OptionError: its folder does not exist.
            OSError: the disk refuses; what was in the file stays.
        """
        save_messages([*self._system(), *self.messages], path=Path(path))

    def load(self, path: str | Path) -> None:
        """Go on with a saved conversation: its history, and its system text if any.

        Also reads a bare list of messages in OpenAI's form.

        Raises:
            OSError: the file cannot be read; nothing was changed.
            OptionError: it holds no conversation; nothing was changed.
            MessageError: a message is malformed; nothing was changed.
        """
        system, self.messages = _split_system(load_messages(Path(path)))
        self.system = self.system if system is None else system

    def _system(self) -> list[Message]:
        return [] if self.system is None else [SystemMessage(self.system)]


def _split_system(messages: list[Message]) -> tuple[str | None, list[Message]]:
    """The system text at the beginning, or None, and the messages behind it."""
    if messages and isinstance(messages[0], SystemMessage):
        return messages[0].content, messages[1:]
    return None, messages
