"""One tool call → one result text: check, approve, run, and never fail.

Whatever goes wrong becomes a text that tells the model what to mend. How often calls
are made is `tool_loop`'s business.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..ending import ProgramEnding
from ..errors import ToolCallValidationError
from ..messages import ToolCall
from ..prompt import render_execution_error, render_validation_error
from ..tools import PythonTool, describe_error, render_result, to_valid_text
from .check import check_call
from .enforcement import Enforcement
from .invoke import invoke

#: How a call went. "ok" and "failed" ran the function to its end, "timeout" and
#: "interrupted" left it on the way; the others did not begin it.
StepStatus: TypeAlias = Literal[
    "ok",
    "failed",
    "timeout",
    "interrupted",
    "invalid",
    "denied",
    "repeated",
    "skipped",
    "unreadable",
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


def refuse_call(
    call: ToolCall,
    tools: Mapping[str, PythonTool],
    *,
    depth: int,
    enforcement: Enforcement,
    approve: Approve | None,
) -> ToolStep | None:
    """Check one call, and ask for it: the step of one that may not run, else None.

    Args:
        call: The call.
        tools: What may be executed, by name.
        depth: Round of the loop, for the record.
        enforcement: What held the call to its tool's schema.
        approve: Asked before every call; without it, a tool that requires approval
            is not run.

    Raises:
        SchemaError: the tool's own schema is none, or cannot be judged by.
    """
    try:
        offered = {name: tool.tool for name, tool in tools.items()}
        check_call(call, offered, trusted=enforcement.is_whole)
    except ToolCallValidationError as error:
        return _failure(call, error, depth=depth, seconds=0.0)
    refusal = _refusal(call, tools[call.name], approve)
    if refusal is None:
        return None
    return not_executed(call, depth=depth, status="denied", why=refusal)


def run_call(
    call: ToolCall,
    tool: PythonTool,
    *,
    depth: int,
    timeout_s: float | None,
    max_result_chars: int | None,
) -> ToolStep:
    """Run the function of a call that may run.

    Args:
        call: The call.
        tool: What it calls.
        depth: Round of the loop, for the record.
        timeout_s: Seconds to wait for a function; it is left behind then.
        max_result_chars: Longest result in characters.
    """
    started_s = time.perf_counter()
    try:
        value = invoke(tool, call.arguments, timeout_s=timeout_s)
        seconds = time.perf_counter() - started_s
        # What was returned may run code of its own to say what it is.
        result = to_valid_text(render_result(value, max_chars=max_result_chars))
    except (KeyboardInterrupt, ProgramEnding):
        raise
    # The caller's own code may raise anything; its sys.exit() ends the call only, and
    # so does a coroutine that cancels itself: nobody else knows its event loop. What
    # panics in a library written in Rust is no Exception.
    except BaseException as error:
        seconds = time.perf_counter() - started_s
        return _failure(call, error, depth=depth, seconds=seconds)
    return ToolStep(
        depth=depth,
        call=call,
        status="ok",
        result=result,
        value=value,
        seconds=seconds,
    )


def not_executed(
    call: ToolCall, *, depth: int, status: StepStatus, why: str
) -> ToolStep:
    """The step of a call that nobody tried to run."""
    reason = to_valid_text(why)
    text = f"The call was not executed: {reason}"
    return ToolStep(depth=depth, call=call, status=status, result=text, error=reason)


def interrupted(call: ToolCall, *, depth: int) -> ToolStep:
    """The step of a call whose function was running when somebody stopped it all."""
    problem = "interrupted while it ran"
    text = f"The call was {problem}; what it did until then is not known"
    return ToolStep(
        depth=depth, call=call, status="interrupted", result=text, error=problem
    )


def _failure(
    call: ToolCall, error: BaseException, *, depth: int, seconds: float
) -> ToolStep:
    """The step of a call that was tried in vain."""
    status: StepStatus
    match error:
        case ToolCallValidationError():
            status, seconds, problem = "invalid", 0.0, error.message
            text = render_validation_error(call.name, problem)
        case TimeoutError():
            status, problem = "timeout", describe_error(error) or "it timed out"
            text = render_execution_error(call.name, problem)
        case _:
            why = describe_error(error)
            status, problem = "failed", f"{type(error).__name__}: {why}"
            text = render_execution_error(call.name, problem)
    return ToolStep(
        depth=depth,
        call=call,
        status=status,
        result=to_valid_text(text),
        error=to_valid_text(problem),
        seconds=seconds,
    )


def _refusal(call: ToolCall, tool: PythonTool, approve: Approve | None) -> str | None:
    if approve is None:
        needs = tool.requires_approval
        return "the function needs approval, and nobody was asked" if needs else None
    verdict = approve(call, tool)
    if isinstance(verdict, str):
        return verdict
    return None if verdict else "the user denied it"
