"""`hermes-gguf run`: one question, one answer, made for pipes.

stdout carries the answer and nothing else; calls, reasoning and notes go to stderr.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

import typer

from ..errors import OptionError, OutputError, ToolLoopError, TruncatedOutputError
from . import loading
from . import run_options as options
from .lasting_streams import KeptStreams, kept_streams
from .mcp_option import McpFile, tools_of_servers
from .model_flags import ModelFlags, takes_model_flags
from .schema_source import load_schema_target
from .settings import load_user_catalog
from .talk_options import (
    MaxTokens,
    SystemText,
    Thinking,
    ToolFiles,
    load_all_tools,
    read_system,
)
from .terminal import is_terminal, own_stdout, read_stdin, tell, trim

if TYPE_CHECKING:
    from ..chat.execute import Approve
    from ..chat.tool_loop import LoopItem, ToolRun
    from ..messages import Message, ToolCall
    from ..tools import PythonTool

app = typer.Typer()

_WANTED_NEXT = (f"{__package__}.render", "hermes_gguf.chat.tool_loop")


# More words than one are refused here, with what was meant.
@app.command(context_settings={"allow_extra_args": True})
@takes_model_flags
def run(
    *,
    flags: ModelFlags,
    context: typer.Context,
    question: options.Question = None,
    tools: ToolFiles = None,
    mcp: McpFile = None,
    schema: options.Schema = None,
    as_json: options.AsJson = False,
    system: SystemText = None,
    yes: options.Yes = False,
    max_depth: options.MaxDepth = 5,
    max_tokens: MaxTokens = None,
    thinking: Thinking = False,
) -> None:
    """Ask one question and print the answer.

    With --tools or --mcp, functions are run and the answer uses their
    results. With --schema, stdout is one JSON document that obeys the schema.
    """
    _refuse_more_words(question, context.args)
    messages = _messages(_full_question(question), read_system(system))
    with own_stdout() as stdout, kept_streams() as streams:
        functions = load_all_tools(tools)
        form = _Form(None if schema is None else _load_schema(schema), as_json=as_json)
        approve = _approve_all if yes else _approve_free
        with (
            tools_of_servers(mcp) as served,
            loading.load_chat_model(flags, meanwhile=_WANTED_NEXT) as loaded,
        ):
            functions += served
            printer = _Printer(stdout) if form.is_streamed else None
            from ..chat.tool_loop import run_tools

            result = run_tools(
                loaded.chat,
                messages,
                functions,
                on_event=_showing(printer, streams),
                approve=printer.watching(approve) if printer else approve,
                max_depth=max_depth,
                max_tokens=max_tokens,
                thinking=thinking,
                json_schema=form.schema,
            )
    _finish(result, form, model=loaded.name)


@dataclass(frozen=True, slots=True)
class _Form:
    """What the answer is to be.

    Attributes:
        schema: The JSON Schema that it obeys; None where it is free text.
        as_json: Whether it is printed with its calls and its cost.
    """

    schema: Any
    as_json: bool

    @property
    def is_streamed(self) -> bool:
        """Whether it is printed while it comes, and not when it is known to be good."""
        return self.schema is None and not self.as_json


def _approve_all(call: ToolCall, tool: PythonTool) -> bool | str:
    return True


def _approve_free(call: ToolCall, tool: PythonTool) -> bool | str:
    """Runs what asks for no approval: nobody is there to be asked."""
    return "it needs approval, which --yes gives" if tool.requires_approval else True


def _refuse_more_words(question: str | None, rest: list[str]) -> None:
    """Refuse a question without quotes, or behind a model's name as in `chat`.

    Raises:
        OptionError: with what was probably meant.
    """
    if question is None or not rest:
        return
    words, option = [question, *rest], ""
    if question.endswith(".gguf") or load_user_catalog().find(question):
        words, option = rest, f"--model {shlex.quote(question)} "
    raise OptionError(
        "QUESTION",
        "it is one argument, and a model is named with --model",
        hint=f"hermes-gguf run {option}{shlex.quote(' '.join(words))}",
    )


def _full_question(question: str | None) -> str:
    """What stands on stdin, then what was typed."""
    piped = "" if is_terminal(sys.stdin) else trim(read_stdin())
    parts = [part for part in (piped, question) if part]
    if not parts:
        raise OptionError("QUESTION", "missing; type one, or pipe text in")
    return "\n\n".join(parts)


def _messages(question: str, system: str | None) -> list[Message]:
    from ..messages import SystemMessage, UserMessage

    first: list[Message] = [] if system is None else [SystemMessage(system)]
    return [*first, UserMessage(question)]


def _load_schema(source: str) -> Any:
    """The JSON Schema that --schema names, with notes on what is misspelled in it."""
    from ..chat.extract import schema_of

    target = load_schema_target(source)
    if isinstance(target, dict):
        _tell_misspelled(target)
    try:
        schema, _ = schema_of(target)
    except OptionError as error:
        raise error.renamed("--schema") from error
    return schema


def _tell_misspelled(schema: dict[str, Any]) -> None:
    """Notes on stderr for keywords of a schema file that JSON Schema does not have.

    They constrain nothing, so that an answer without what was meant would be right.
    """
    from .grammar_explain import find_misspelled

    for line in find_misspelled(schema):
        loading.warn(f"--schema: {line}")


class _Printer:
    """Text to stdout as it comes; calls and reasoning to stderr."""

    def __init__(self, stdout: TextIO) -> None:
        from .render import TurnView
        from .screen import Screen

        self._out = TurnView(Screen(file=stdout), markdown=False)
        self._err = TurnView(Screen(stderr=True), markdown=False)

    def __call__(self, item: LoopItem) -> None:
        from ..events import Finish, TextDelta

        if isinstance(item, TextDelta | Finish):
            self._err.pause()
            self._out.feed(item)
        else:
            self._err.feed(item)

    def watching(self, approve: Approve) -> Approve:
        """`approve`, and a call shows before it runs: it may take its time."""

        def decide(call: ToolCall, tool: PythonTool) -> bool | str:
            verdict = approve(call, tool)
            if verdict is True:
                self._err.show_call(call)
            return verdict

        return decide


def _showing(
    printer: _Printer | None, streams: KeptStreams
) -> Callable[[LoopItem], None]:
    """Undoes what a function did to the streams, then shows the item, if any is."""
    from ..chat.execute import ToolStep

    def show(item: LoopItem) -> None:
        undone = []
        if isinstance(item, ToolStep) and item.call is not None:
            undone = streams.restore(after=item.call.name)
        if printer is not None:
            printer(item)
        for line in undone:
            loading.warn(f"{line}.")

    return show


def _finish(result: ToolRun, form: _Form, *, model: str) -> None:
    """Print what is left to print; fail where there is no proper answer.

    Raises:
        TruncatedOutputError: the answer was cut.
        ToolLoopError: the rounds of calls were used up.
        OutputError: the answer is not of the schema.
    """
    if form.as_json:
        tell(json.dumps(_report(result, model), ensure_ascii=False))
    if result.stopped == "length":
        raise TruncatedOutputError(
            "The answer was cut before its end.",
            text=result.answer,
            hint="raise --max-tokens or --ctx",
        )
    if result.stopped != "answer":
        raise ToolLoopError(
            f"The model used up its rounds of calls ({result.stopped}).",
            text=result.answer,
            hint="raise --max-depth",
        )
    if form.schema is not None:
        # What the grammar enforces cannot take its validator long.
        is_enforced = bool(result.completion and result.completion.enforcement.is_whole)
        document = _checked(result.answer, form.schema, trusted=is_enforced)
        if not form.as_json:
            tell(document)


def _checked(text: str, schema: Any, *, trusted: bool) -> str:
    """The document, after a validator that knows nothing of our grammars."""
    from ..chat.check import schema_problem

    try:
        problem = schema_problem(json.loads(text), schema, trusted=trusted)
    except (ValueError, RecursionError) as error:
        problem = str(error)
    if problem:
        raise OutputError(f"The answer is not of the schema: {problem}", text=text)
    return text


def _report(result: ToolRun, model: str) -> dict[str, Any]:
    from dataclasses import asdict

    from ..chat.convert import message_to_openai

    completion = result.completion
    return {
        "model": model,
        "answer": result.answer,
        "stopped": result.stopped,
        "trace": [
            {
                "name": step.call.name if step.call else None,
                "arguments": dict(step.call.arguments) if step.call else None,
                "status": step.status,
                "result": step.result,
                "error": step.error or None,
                "seconds": round(step.seconds, 4),
            }
            for step in result.trace
        ],
        "messages": [message_to_openai(message) for message in result.messages],
        "usage": {
            # Seconds to a tenth of a millisecond, as those of the trace.
            name: round(value, 4)
            for name, value in asdict(result.usage).items()
        },
        "seed": completion.seed if completion else None,
        "warnings": list(completion.warnings) if completion else [],
    }
