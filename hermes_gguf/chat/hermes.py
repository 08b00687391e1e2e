"""`Hermes`: a model by its name, and the four things people do with it.

The friendly front of the library. It finds files and loads them, and never downloads:
`pull` does, when it is asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias, TypeVar, overload

from ..catalog import Catalog, load_catalog
from ..engine.load import load_engine
from ..errors import MessageError
from ..hub import Folders, resolve_model
from ..messages import Message, SystemMessage, UserMessage
from ..options import LoadOptions
from .completion import Completion
from .conversation import Conversation
from .convert import message_from_openai
from .extract import extract
from .model import ChatModel
from .named_options import require_known
from .sampling import with_sampling
from .stream import ChatStream
from .tool_loop import LoopItem, ToolLoop, ToolRun, run_tools
from .toolset import Executable, ToolLike, definitions

T = TypeVar("T")

#: One question or message, or a conversation: our messages, OpenAI's dictionaries, or
#: both.
MessageLike: TypeAlias = Message | Mapping[str, Any]
MessagesLike: TypeAlias = str | MessageLike | Sequence[MessageLike]


class Hermes:
    """A loaded Hermes model.

    Every method also takes the fields of `SamplingOptions` by name: `temperature=0`.

    Example:
        with Hermes("tiny") as hermes:
            print(hermes.chat("Who are you?").text)

    Attributes:
        model: The chat model below, for everything that is not on this surface.
        name: The name that leads to this very file.
    """

    def __init__(
        self,
        model: str | Path | ChatModel = "tiny",
        *,
        options: LoadOptions | None = None,
        catalog: Catalog | None = None,
        cache_dir: Path | None = None,
        on_warning: Callable[[str], None] | None = None,
        **chat_options: Any,
    ) -> None:
        """Load a model that is on this machine.

        Args:
            model: A name of the catalogue ("tiny" is embedded in the package),
                `owner/repo[:quant]`, a path to a GGUF file, or a chat model.
            options: How to load it.
            catalog: Where names are looked up; None is the shipped catalogue.
            cache_dir: The Hub's cache; None is its own default.
            on_warning: Gets one line for each thing a person should know.
            **chat_options: As in `ChatModel`: dialect, style, sampling...

        Raises:
            UnknownModelError: the name means nothing.
            NotDownloadedError: it is not here; the hint is the command that gets it.
            ModelLoadError: the file cannot be loaded.
        """
        if isinstance(model, ChatModel):
            self.name, self.model = model.engine.info.name, model
            return
        local = resolve_model(
            str(model),
            catalog=catalog or load_catalog(),
            folders=Folders.of_user(hub=cache_dir) if cache_dir else None,
        )
        engine = load_engine(local.path, options=options, on_warning=on_warning)
        try:
            self.model = ChatModel.from_spec(engine, local.spec, **chat_options)
        except BaseException:
            engine.close()
            raise
        self.name = local.name

    def chat(
        self, messages: MessagesLike, *, tools: Iterable[ToolLike] = (), **options: Any
    ) -> Completion:
        """Answer once; calls are returned, not executed.

        Args:
            messages: A question or a conversation.
            tools: What the model may call.
            **options: As in `ChatModel.stream`.
        """
        return self.model.complete(
            to_messages(messages),
            tools=definitions(tools),
            **self._with(options, "chat"),
        )

    def stream(
        self, messages: MessagesLike, *, tools: Iterable[ToolLike] = (), **options: Any
    ) -> ChatStream:
        """Answer once, event by event; the options are those of `chat`.

        The answer goes on until it is read to its end, closed (`with h.stream(...)`)
        or forgotten; with one slot, the next one waits for that.
        """
        return self.model.stream(
            to_messages(messages),
            tools=definitions(tools),
            **self._with(options, "stream"),
        )

    def call_tools(
        self,
        messages: MessagesLike,
        *,
        tools: Iterable[Executable],
        on_event: Callable[[LoopItem], None] | None = None,
        **options: Any,
    ) -> ToolRun:
        """Answer with the help of functions: call, execute, feed back, until done.

        Args:
            messages: A question or a conversation.
            tools: Typed, documented functions.
            on_event: Gets every event, and every call's result, as it happens.
            **options: As in `ToolLoop`: max_depth, max_calls, approve, timeout_s...
        """
        return run_tools(
            self.model,
            to_messages(messages),
            tools,
            on_event=on_event,
            **self._with(options, "call_tools"),
        )

    @overload
    def extract(self, target: type[T], text: MessagesLike, **options: Any) -> T: ...
    @overload
    def extract(self, target: Any, text: MessagesLike, **options: Any) -> Any: ...
    def extract(
        self,
        target: Any,
        text: MessagesLike,
        *,
        system: str | None = None,
        max_retries: int = 2,
        **options: Any,
    ) -> Any:
        """Read a value of a type out of a text.

        Args:
            target: A pydantic model, a dataclass, another type, or a JSON Schema.
            text: What to read.
            system: Further instructions.
            max_retries: New attempts after an answer that does not validate.
            **options: As in `ChatModel.stream`.

        Raises:
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
            **self._with(options, "extract"),
        )

    def conversation(
        self,
        *,
        system: str | None = None,
        tools: Iterable[Executable] = (),
        messages: MessagesLike = (),
        **options: Any,
    ) -> Conversation:
        """Begin a conversation that remembers; the options are those of `ToolLoop`."""
        history = to_messages(messages)
        return Conversation(
            self.model,
            system=system,
            tools=tools,
            messages=history,
            **self._with(options, "conversation"),
        )

    def _with(self, options: dict[str, Any], method: str) -> dict[str, Any]:
        require_known(options, _TAKERS[method], method=f"Hermes.{method}")
        return with_sampling(options, default=self.model.sampling)

    def close(self) -> None:
        """Free the model."""
        self.model.close()

    def __enter__(self) -> Hermes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


#: What the options of each method are passed on to.
_TAKERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "chat": (ChatModel.complete, ChatModel.stream),
    "stream": (ChatModel.stream,),
    "extract": (ChatModel.stream,),
    "call_tools": (ToolLoop, ChatModel.stream),
    "conversation": (ToolLoop, ChatModel.stream),
}


def to_messages(messages: MessagesLike) -> list[Message]:
    """Messages out of a question, our messages, or OpenAI's dictionaries.

    Raises:
        MessageError: one is malformed; `index` says which.
    """
    if isinstance(messages, str):
        return [UserMessage(messages)]
    if isinstance(messages, Mapping | Message):
        return [_to_message(messages, 0)]
    if not isinstance(messages, Iterable):
        raise _no_message(messages, 0)
    return [_to_message(message, index) for index, message in enumerate(messages)]


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
