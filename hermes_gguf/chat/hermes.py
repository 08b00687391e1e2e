"""`Hermes`: a model by its name, and the four things people do with it.

The friendly front of the library. It finds files and loads them, and never downloads:
`pull` does, when it is asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, Unpack, overload

from ..catalog import Catalog
from ..errors import MessageError, OptionError
from ..messages import Message, SystemMessage, UserMessage
from ..options import LoadOptions
from .completion import Completion
from .conversation import Conversation
from .convert import message_from_openai
from .extract import extract
from .model import ChatModel
from .named_options import (
    AnswerByName,
    ChatByName,
    ExtractByName,
    HermesByName,
    LoopByName,
    require_known,
)
from .open_model import open_model
from .sampling import with_sampling
from .stream import ChatStream
from .tool_loop import LoopItem, ToolRun, run_tools
from .toolset import Executable, ToolLike, definitions

T = TypeVar("T")

#: One question or message, or a conversation: our messages, OpenAI's dictionaries, or
#: both.
MessageLike: TypeAlias = Message | Mapping[str, Any]
MessagesLike: TypeAlias = str | MessageLike | Sequence[MessageLike]


class Hermes:
    """A loaded Hermes model. Safe to use from many threads.

    Every method also takes the fields of `SamplingOptions` by name: `temperature=0`.

    Example:
        with Hermes("tiny") as hermes:
            print(hermes.chat("Who are you?").text)

    Attributes:
        model: The chat model below, for everything that is not on this surface.
        name: The name that leads to this very file.
    """

    model: ChatModel
    name: str

    def __init__(
        self,
        model: str | Path | ChatModel = "tiny",
        *,
        options: LoadOptions | None = None,
        catalog: Catalog | None = None,
        cache_dir: str | Path | None = None,
        on_warning: Callable[[str], None] | None = None,
        **more: Unpack[HermesByName],
    ) -> None:
        """Load a model that is on this machine.

        Args:
            model: A name of the catalogue ("tiny" is embedded in the package),
                `owner/repo[:quant]`, a path to a GGUF file, or a chat model.
            options: How to load it.
            catalog: Where names are looked up; None is the shipped catalogue.
            cache_dir: The Hub's cache; None is its own default.
            on_warning: Gets one line for each thing a person should know; None logs
                it as a warning.
            **more: Fields of `LoadOptions` by name (`n_ctx=4096`); fields of
                `SamplingOptions`, as the defaults of every answer; and what
                `ChatModel` takes: dialect, style, on_unsupported...

        Raises:
            OptionError: a value cannot be.
            UnknownModelError: the name means nothing.
            NotDownloadedError: it is not here; the hint is the command that gets it.
            ModelLoadError: the file cannot be loaded.
        """
        require_known(more, HermesByName, method="Hermes")
        if not isinstance(model, ChatModel):
            self.name, self.model = open_model(
                model,
                options=options,
                catalog=catalog,
                cache_dir=cache_dir,
                on_warning=on_warning,
                more=more,
            )
            return
        if more or options or catalog or cache_dir or on_warning:
            raise OptionError(
                "model", "a chat model is loaded already, and takes no further options"
            )
        self.name, self.model = model.engine.info.name, model

    def __repr__(self) -> str:
        return f"<Hermes {self.name}>"

    def chat(
        self,
        messages: MessagesLike,
        *,
        tools: Iterable[ToolLike] = (),
        **options: Unpack[ChatByName],
    ) -> Completion:
        """Answer once; calls are returned, not executed.

        Args:
            messages: A question or a conversation.
            tools: What the model may call.
            **options: As in `ChatModel.stream`: max_tokens, stop, tool_choice,
                json_schema...

        Raises:
            RequestError: messages, tools, schema or options cannot be.
            EngineError: llama.cpp failed, or the model was closed.
        """
        return self.model.complete(
            to_messages(messages),
            tools=definitions(tools),
            **self._with(options, ChatByName, "chat"),
        )

    def stream(
        self,
        messages: MessagesLike,
        *,
        tools: Iterable[ToolLike] = (),
        **options: Unpack[AnswerByName],
    ) -> ChatStream:
        """Answer once, event by event; the options are those of `chat`.

        The answer goes on until it is read to its end, closed (`with h.stream(...)`)
        or forgotten; with one slot, the next one waits for that. `async for` reads it
        in an event loop.
        """
        return self.model.stream(
            to_messages(messages),
            tools=definitions(tools),
            **self._with(options, AnswerByName, "stream"),
        )

    def call_tools(
        self,
        messages: MessagesLike,
        *,
        tools: Iterable[Executable],
        on_event: Callable[[LoopItem], None] | None = None,
        **options: Unpack[LoopByName],
    ) -> ToolRun:
        """Answer with the help of functions: call, execute, feed back, until done.

        Args:
            messages: A question or a conversation.
            tools: Typed, documented functions.
            on_event: Gets every event, and every call's result, as it happens.
            **options: As in `ToolLoop`: max_depth, max_calls, approve, timeout_s...

        Raises:
            RequestError: messages, tools or options cannot be.
            EngineError: llama.cpp failed, or the model was closed. What a function
                raises is told to the model, and stands in `trace`.
        """
        return run_tools(
            self.model,
            to_messages(messages),
            tools,
            on_event=on_event,
            **self._with(options, LoopByName, "call_tools"),
        )

    @overload
    def extract(
        self,
        target: type[T],
        text: MessagesLike,
        *,
        system: str | None = None,
        max_retries: int = 2,
        **options: Unpack[ExtractByName],
    ) -> T: ...
    @overload
    def extract(
        self,
        target: Any,
        text: MessagesLike,
        *,
        system: str | None = None,
        max_retries: int = 2,
        **options: Unpack[ExtractByName],
    ) -> Any: ...
    def extract(
        self,
        target: Any,
        text: MessagesLike,
        *,
        system: str | None = None,
        max_retries: int = 2,
        **options: Unpack[ExtractByName],
    ) -> Any:
        """Read a value of a type out of a text.

        Args:
            target: A pydantic model, a dataclass, another type, or a JSON Schema.
            text: What to read.
            system: Further instructions.
            max_retries: New attempts after an answer that does not validate.
            **options: As in `ChatModel.stream`: max_tokens, thinking, constrain...

        Raises:
            OptionError: pydantic does not understand `target`, or a value cannot be.
            SchemaError: the schema of `target` cannot be enforced.
            TruncatedOutputError: the answer was cut before its end.
            OutputError: no attempt gave a valid value.
        """
        first = [SystemMessage(system)] if system is not None else []
        return extract(
            self.model,
            target,
            [*first, *to_messages(text)],
            max_retries=max_retries,
            **self._with(options, ExtractByName, "extract"),
        )

    def conversation(
        self,
        *,
        system: str | None = None,
        tools: Iterable[Executable] = (),
        messages: MessagesLike = (),
        **options: Unpack[LoopByName],
    ) -> Conversation:
        """Begin a conversation that remembers.

        Args:
            system: System text.
            tools: Typed, documented functions that may be executed.
            messages: An earlier history to go on from.
            **options: For every turn, as in `ToolLoop`.

        Raises:
            RequestError: messages, tools or options cannot be.
        """
        history = to_messages(messages)
        return Conversation(
            self.model,
            system=system,
            tools=tools,
            messages=history,
            **self._with(options, LoopByName, "conversation"),
        )

    def _with(
        self, options: Mapping[str, Any], kind: type, method: str
    ) -> dict[str, Any]:
        require_known(options, kind, method=f"Hermes.{method}")
        return with_sampling(options, default=self.model.sampling)

    def close(self) -> None:
        """Free the model."""
        self.model.close()

    def __enter__(self) -> Hermes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def to_messages(messages: MessagesLike) -> list[Message]:
    """Messages out of a question, our messages, or OpenAI's dictionaries.

    Raises:
        MessageError: one is malformed; `index` says which.
    """
    if isinstance(messages, str):
        return [UserMessage(messages)]
    if isinstance(messages, Mapping | Message):
        return [_to_message(messages, 0)]
    several: Any = messages
    if not isinstance(several, Iterable) or isinstance(several, bytes):
        raise _no_message(several, 0)
    return [_to_message(message, index) for index, message in enumerate(several)]


def _to_message(message: Any, index: int) -> Message:
    if isinstance(message, Mapping):
        return message_from_openai(message, index=index)
    if not isinstance(message, Message):
        raise _no_message(message, index)
    return message


def _no_message(value: Any, index: int) -> MessageError:
    return MessageError(
        f"{str(value)[:60]!r} is no message",
        index=index,
        hint='a text, {"role": "user", "content": "..."}, or a list of such',
    )
