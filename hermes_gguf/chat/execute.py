"""One tool call → one result text: check, approve, run, and never fail.

Whatever goes wrong becomes a text that tells the model what to mend. How often calls
are made is `tool_loop`'s business.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..errors import ToolCallValidationError, ToolDefinitionError
from ..grammar.arguments import arguments_schema
from ..messages import Tool, ToolCall
from ..prompt import render_execution_error, render_validation_error
from ..tools import PythonTool, render_result, to_valid_text

#: How a call went; only "ok" and "failed" ran the function to its end.
StepStatus: TypeAlias = Literal[
    "ok", "failed", "timeout", "invalid", "denied", "repeated", "skipped", "unreadable"
]
#: Decides on a call: True runs it; False, or a text that says why, does not.
Approve: TypeAlias = Callable[[ToolCall, PythonTool], bool | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStep:
    """One call of a tool loop, and what came of it.

    Attributes:
        depth: Round of the loop, from 0.
        call: The call; None when it could not be read.
        status: How it went.
        result: The text that the model reads.
        value: What the function returned, when it did.
        error: What went wrong, for a person; empty when nothing did.
        seconds: Time that the function took.
    """

    depth: int
    call: ToolCall | None
    status: StepStatus
    result: str
    value: Any = None
    error: str = ""
    seconds: float = 0.0


def check_call(call: ToolCall, tools: Mapping[str, Tool]) -> None:
    """Check a call against the tools: its name, and its arguments in full.

    Raises:
        ToolCallValidationError: no such tool, or the arguments break its schema.
        ToolDefinitionError: the tool's own schema is no JSON Schema.
    """
    tool = tools.get(call.name)
    if tool is None:
        names = ", ".join(tools) or "none"
        raise ToolCallValidationError(
            f"There is no function named {call.name!r}; the functions are: {names}",
            text=call.arguments_json,
        )
    schema = arguments_schema(tool.parameters)
    problem = schema_problem(call.arguments, schema, name=call.name)
    if problem:
        raise ToolCallValidationError(problem, text=call.arguments_json)


def is_valid_call(call: ToolCall, tools: Iterable[Tool]) -> bool:
    """Whether the call names one of the tools and obeys its schema."""
    try:
        check_call(call, {tool.name: tool for tool in tools})
    except (ToolCallValidationError, ToolDefinitionError):
        return False
    return True


def schema_problem(value: Any, schema: Any, *, name: str) -> str:
    """Why `value` breaks `schema`, in one sentence; empty when it does not.

    Raises:
        ToolDefinitionError: `schema` is no JSON Schema; `name` says whose.
    """
    import jsonschema
    import referencing.exceptions

    validator = jsonschema.validators.validator_for(
        schema, default=jsonschema.Draft202012Validator
    )
    try:
        validator.check_schema(schema)
        errors = validator(schema, format_checker=validator.FORMAT_CHECKER).iter_errors(
            value
        )
        worst = jsonschema.exceptions.best_match(errors)
    except jsonschema.SchemaError as error:
        raise ToolDefinitionError(name, f"its schema: {error.message}") from error
    except referencing.exceptions.Unresolvable as error:
        raise ToolDefinitionError(name, f"its schema: {error}") from error
    if worst is None:
        return ""
    where = "/".join(map(str, worst.absolute_path))
    return f"{where}: {worst.message}" if where else str(worst.message)


def execute_call(
    call: ToolCall,
    tools: Mapping[str, PythonTool],
    *,
    depth: int = 0,
    approve: Approve | None = None,
    timeout_s: float | None = None,
    max_result_chars: int | None = None,
) -> ToolStep:
    """Check, approve and run one call.

    Args:
        call: The call.
        tools: What may be executed, by name.
        depth: Round of the loop, for the record.
        approve: Asked before every call; without it, a tool that requires approval
            is not run.
        timeout_s: Seconds to wait for a function; it is left behind then.
        max_result_chars: Longest result in characters.

    Raises:
        ToolDefinitionError: the tool's own schema is no JSON Schema.
    """

    def step(
        status: StepStatus, result: str, *, error: str = "", **more: Any
    ) -> ToolStep:
        told, why = to_valid_text(result), to_valid_text(error)
        return ToolStep(
            depth=depth, call=call, status=status, result=told, error=why, **more
        )

    try:
        check_call(call, {name: tool.tool for name, tool in tools.items()})
    except ToolCallValidationError as error:
        text = render_validation_error(call.name, error.message)
        return step("invalid", text, error=error.message)
    tool = tools[call.name]
    refusal = _refusal(call, tool, approve)
    if refusal is not None:
        return step("denied", f"The call was not executed: {refusal}", error=refusal)
    started = time.perf_counter()
    try:
        value = _run(tool, call.arguments, timeout_s)
        seconds = time.perf_counter() - started
        # What was returned may run code of its own to say what it is.
        result = render_result(value, max_chars=max_result_chars)
    except ToolCallValidationError as error:
        text = render_validation_error(call.name, error.message)
        return step("invalid", text, error=error.message)
    except TimeoutError as error:
        problem = str(error) or "it timed out"
        text = render_execution_error(call.name, problem)
        seconds = time.perf_counter() - started
        return step("timeout", text, error=problem, seconds=seconds)
    # The caller's own code may raise anything; its sys.exit() ends the call only.
    except (Exception, SystemExit) as error:
        problem = f"{type(error).__name__}: {error}"
        text = render_execution_error(call.name, problem)
        seconds = time.perf_counter() - started
        return step("failed", text, error=problem, seconds=seconds)
    return step("ok", result, value=value, seconds=seconds)


def _refusal(call: ToolCall, tool: PythonTool, approve: Approve | None) -> str | None:
    if approve is None:
        needs = tool.requires_approval
        return "the function needs approval, and nobody was asked" if needs else None
    verdict = approve(call, tool)
    if isinstance(verdict, str):
        return verdict
    return None if verdict else "the user denied it"


def _run(
    tool: PythonTool, arguments: Mapping[str, Any], timeout_s: float | None
) -> Any:
    def work() -> Any:
        value = tool.call(arguments)
        if inspect.isawaitable(value):
            return asyncio.run(_as_coroutine(value))
        # Their bodies run only now, and belong to the call.
        if isinstance(value, AsyncIterator):
            return asyncio.run(_as_list(value))
        return list(value) if isinstance(value, Iterator) else value

    if timeout_s is None and not (tool.is_async and _in_event_loop()):
        return work()
    return _in_thread(work, timeout_s)


async def _as_coroutine(awaitable: Any) -> Any:
    return await awaitable


async def _as_list(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_thread(work: Callable[[], Any], timeout_s: float | None) -> Any:
    outcome: list[tuple[Any, BaseException | None]] = []

    def target() -> None:
        try:
            outcome.append((work(), None))
        except BaseException as error:  # handed to the thread that waits
            outcome.append((None, error))

    thread = threading.Thread(target=target, name="hermes-tool", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not outcome:
        raise TimeoutError(f"no result within {timeout_s:g} seconds")
    value, error = outcome[0]
    if error is not None:
        raise error
    return value
