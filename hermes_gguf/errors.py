"""Every error that this package raises, drawn as one tree.

HermesError                     what happened, and `hint`: the next thing to do
├── CatalogError                a model's name or a models.toml
│   ├── UnknownModelError
│   └── CatalogSyntaxError
├── DownloadError               a transfer from the Hub
│   ├── NotDownloadedError
│   ├── ModelNotFoundError
│   ├── AccessDeniedError
│   ├── OfflineError
│   ├── DiskFullError
│   ├── TransferError
│   └── ChecksumError
├── RequestError                the caller can mend it
│   ├── MessageError
│   ├── ToolDefinitionError
│   ├── ToolServerError
│   ├── SchemaError
│   │   ├── UnsupportedSchemaError
│   │   ├── UnsatisfiableSchemaError
│   │   └── SchemaBudgetError
│   ├── GrammarSyntaxError
│   ├── OptionError
│   └── ContextOverflowError
├── EngineError                 llama.cpp, a model file, a worker
│   ├── ModelLoadError
│   │   └── VocabularyMismatchError
│   ├── EngineUnavailableError
│   ├── ModelChangedError
│   ├── GenerationError
│   ├── WorkerDiedError
│   │   └── WorkerHungError
│   └── ModelLoadingError
└── OutputError                 what the model wrote; the text is kept
    ├── ToolCallSyntaxError
    ├── ToolCallValidationError
    ├── TruncatedOutputError
    └── ToolLoopError

No class here knows HTTP status codes or exit codes: `server.errors` and
`cli.errors` each hold one table for that.
"""

from __future__ import annotations

from collections.abc import Sequence


class HermesError(Exception):
    """The root: a message of one sentence, and the next step in `hint`."""

    hint: str | None = None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self._notes: list[str] = []
        if hint is not None:
            self.hint = hint

    @property
    def __notes__(self) -> list[str]:  # type: ignore[override]  # `hint` may change
        """What Python prints below a traceback: `hint`, then what was added."""
        return [*([f"Next:  {self.hint}"] if self.hint else []), *self._notes]

    def add_note(self, note: str, /) -> None:
        """Add a line below the traceback, as every exception can."""
        self._notes.append(note)

    def __reduce__(self) -> tuple[object, ...]:
        # Python would call the class with the message alone; a pool of processes takes
        # an error that it cannot read for the end of the process.
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[HermesError], args: tuple[object, ...]) -> HermesError:
    """An error without its attributes, which whoever copies it sets."""
    return kind.__new__(kind, *args)


class CatalogError(HermesError):
    """A model cannot be found by its name, or a catalogue cannot be read."""


class UnknownModelError(CatalogError):
    """No catalogue entry, file, URL or repository answers to this name."""

    def __init__(self, name: str, *, close_matches: Sequence[str] = ()) -> None:
        self.name = name
        self.close_matches = tuple(close_matches)
        meant = f" Did you mean {' or '.join(map(repr, close_matches))}?"
        super().__init__(
            f"No model named {name!r}.{meant if close_matches else ''}",
            hint="hermes-gguf models",
        )


class CatalogSyntaxError(CatalogError):
    """A models.toml breaks the catalogue's format."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}", hint=f"edit {path}")


class DownloadError(HermesError):
    """A file could not be brought here from the Hub."""

    def __init__(
        self, message: str, *, repo_id: str, filename: str = "", hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.repo_id = repo_id
        self.filename = filename


class NotDownloadedError(DownloadError):
    """The model is known, but its file is not on this machine."""

    def __init__(self, name: str, *, repo_id: str, hint: str | None = None) -> None:
        super().__init__(
            f"{name} is not on this machine yet.",
            repo_id=repo_id,
            hint=hint or f"hermes-gguf pull {name}",
        )
        self.name = name


class ModelNotFoundError(DownloadError):
    """The Hub has no such repository, revision or file (404).

    `candidates` are the files that a name could mean, when it means several.
    """

    def __init__(
        self,
        message: str,
        *,
        repo_id: str,
        filename: str = "",
        hint: str | None = None,
        candidates: Sequence[str] = (),
    ) -> None:
        super().__init__(message, repo_id=repo_id, filename=filename, hint=hint)
        self.candidates = tuple(candidates)


class AccessDeniedError(DownloadError):
    """The Hub wants a token, or the repository is gated (401, 403)."""


class OfflineError(DownloadError):
    """The Hub cannot be reached, or offline mode forbids trying."""


class DiskFullError(DownloadError):
    """The disk that holds the cache has too little room."""


class TransferError(DownloadError):
    """The transfer broke off (cut connection, 429, 5xx); it can be resumed."""


class ChecksumError(DownloadError):
    """The bytes that arrived are not the bytes that were published."""

    def __init__(
        self,
        *,
        repo_id: str,
        filename: str,
        expected: str,
        actual: str,
        hint: str | None = None,
    ) -> None:
        super().__init__(
            f"{filename} from {repo_id} has sha256 {actual}, not {expected}.",
            repo_id=repo_id,
            filename=filename,
            hint=hint or f"hermes-gguf pull {repo_id}/{filename} to fetch it anew",
        )
        self.expected = expected
        self.actual = actual


class RequestError(HermesError):
    """The request asks for something that cannot be; the caller can mend it."""


class MessageError(RequestError):
    """A message stands where it may not, or lacks what it needs."""

    def __init__(self, problem: str, *, index: int, hint: str | None = None) -> None:
        super().__init__(f"messages[{index}]: {problem}", hint=hint)
        self.index = index
        self.problem = problem


class ToolDefinitionError(RequestError):
    """A Python function or a tool schema cannot become a tool."""

    def __init__(
        self,
        tool: str,
        problem: str,
        *,
        parameter: str | None = None,
        hint: str | None = None,
    ) -> None:
        where = f"tool {tool!r}" + (f", parameter {parameter!r}" if parameter else "")
        super().__init__(f"{where}: {problem}", hint=hint)
        self.tool = tool
        self.problem = problem
        self.parameter = parameter


class ToolServerError(RequestError):
    """An MCP server cannot be started or reached, or its file cannot be understood."""

    def __init__(self, place: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{place}: {problem}", hint=hint)
        self.place = place
        self.problem = problem


class SchemaError(RequestError):
    """A JSON Schema cannot be turned into a grammar.

    `pointer` is the JSON pointer of the culprit inside the schema, `keyword` the
    keyword there, `tool` the tool whose parameters the schema describes, if any.
    """

    tool: str | None = None

    def __init__(
        self, problem: str, *, pointer: str, keyword: str, hint: str | None = None
    ) -> None:
        super().__init__(f"{keyword} at #{pointer}: {problem}", hint=hint)
        self.problem = problem
        self.pointer = pointer
        self.keyword = keyword

    def name_tool(self, tool: str) -> None:
        """Say whose schema it is, once it is known."""
        self.tool = tool
        self.message = f"tool {tool!r}: {self.message}"
        self.args = (self.message,)


class UnsupportedSchemaError(SchemaError):
    """The keyword cannot be enforced exactly by a grammar."""


class UnsatisfiableSchemaError(SchemaError):
    """No document at all satisfies the schema."""


class SchemaBudgetError(SchemaError):
    """Enforcing the keyword exactly would need more rules or time than allowed."""

    @classmethod
    def too_deep(cls) -> SchemaBudgetError:
        """For a schema that Python cannot walk through."""
        return cls("it is nested too deeply", pointer="", keyword="schema")


class GrammarSyntaxError(RequestError):
    """A GBNF text breaks the GBNF language; `line` and `column` count from 1."""

    def __init__(self, problem: str, *, line: int, column: int) -> None:
        super().__init__(f"grammar, line {line}, column {column}: {problem}")
        self.line = line
        self.column = column


class OptionError(RequestError):
    """An option has a value outside of its range."""

    def __init__(self, option: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{option}: {problem}", hint=hint)
        self.option = option
        self.problem = problem

    def renamed(self, option: str) -> OptionError:
        """The same, under the name by which the caller knows the option."""
        return OptionError(option, self.problem, hint=self.hint)


class ContextOverflowError(RequestError):
    """The prompt leaves no room for an answer. Nothing was cut, nothing ran.

    Attributes:
        prompt_tokens: Length of the prompt; the least that it can have where it is so
            long that it was not even tokenized.
        n_ctx: What the context holds.
    """

    def __init__(self, *, prompt_tokens: int, n_ctx: int, counted: bool = True) -> None:
        count = f"{prompt_tokens}" if counted else f"at least {prompt_tokens}"
        super().__init__(
            f"The prompt has {count} tokens and the context holds {n_ctx}.",
            hint="shorten the conversation, or load the model with a longer context"
            " (--ctx; n_ctx in Python)",
        )
        self.prompt_tokens = prompt_tokens
        self.n_ctx = n_ctx


class EngineError(HermesError):
    """llama.cpp, the model file or the worker failed."""


class ModelLoadError(EngineError):
    """A file is no model that llama.cpp can load, or it does not fit in memory."""

    def __init__(self, path: str, problem: str, *, hint: str | None = None) -> None:
        super().__init__(f"{path}: {problem}", hint=hint)
        self.path = path


class VocabularyMismatchError(ModelLoadError):
    """A draft model speaks in other tokens than the model in `other`."""

    def __init__(self, path: str, problem: str, *, other: str) -> None:
        super().__init__(
            path,
            f"it cannot guess for {other}, whose vocabulary is another one: {problem}",
            hint="--draft-model takes a smaller model of the same family",
        )
        self.other = other


class EngineUnavailableError(EngineError):
    """llama-cpp-python is missing, too old, or dies when it decodes."""


class ModelChangedError(EngineError):
    """The file of a loaded model was written to: its answers would be nonsense."""


class GenerationError(EngineError):
    """A request failed inside the engine; other requests go on."""


class WorkerDiedError(EngineError):
    """The process that runs the model crashed; `how` says it ("SIGSEGV")."""

    def __init__(self, message: str, *, how: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.how = how


class WorkerHungError(WorkerDiedError):
    """The process that runs the model gave no sign of life any more, and was ended."""


class ModelLoadingError(EngineError):
    """The model is not loaded at the moment; ask again in `retry_after_s` seconds."""

    def __init__(self, name: str, *, retry_after_s: int) -> None:
        super().__init__(
            f"{name} is being loaded.", hint=f"try again in {retry_after_s} s"
        )
        self.name = name
        self.retry_after_s = retry_after_s


class OutputError(HermesError):
    """The model's output is not what was asked for; `text` keeps all of it."""

    def __init__(self, message: str, *, text: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.text = text


class ToolCallSyntaxError(OutputError):
    """A `<tool_call>` body cannot be read as a call; `offset` is in characters."""

    def __init__(self, problem: str, *, text: str, offset: int = 0) -> None:
        super().__init__(f"unreadable tool call: {problem}", text=text)
        self.problem = problem
        self.offset = offset


class ToolCallValidationError(OutputError):
    """A call names no known tool, or its arguments break the tool's schema."""


class TruncatedOutputError(OutputError):
    """max_tokens, the context or a cancellation cut the output before its end."""


class ToolLoopError(OutputError):
    """The tool loop used up its depth or its budget without a final answer."""
