"""The tool loop: answer, execute the calls, feed the results back, until done.

One iterator shows all of it: the events of every answer, and a `ToolStep` for every
call. Stopping it half-way keeps the conversation whole: what was said stays, and
every call has a result.

Source: the loop of functioncall.py in NousResearch/Hermes-Function-Calling, revision
3e695ed081a0a5c3ae74a556077d29ff7045ef2c.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from ..errors import OptionError, ToolLoopError
from ..events import Usage
from ..messages import Message, Tool, ToolCall, ToolChoice, ToolMessage, UserMessage
from ..prompt import render_syntax_error
from ..tags import TOOL_RESPONSE_CLOSE, TOOL_RESPONSE_OPEN
from .completion import Completion
from .execute import Approve, StepStatus, ToolStep, execute_call
from .model import ChatModel
from .stream import StreamItem
from .toolset import Executable, executables

LoopItem: TypeAlias = StreamItem | ToolStep

#: answer: the model answered in words; depth, calls: the loop used up its budget;
#: length: max_tokens or the context cut an answer; cancelled: the caller stopped it.
StopReason: TypeAlias = Literal["answer", "depth", "calls", "length", "cancelled"]

DEFAULT_MAX_RESULT_CHARS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRun:
    """What a tool loop came to.

    Attributes:
        answer: The final answer; what the model said last when there is none.
        messages: The whole conversation, the given one included.
        trace: Every call, in order.
        usage: Tokens and seconds of all answers together.
        stopped: Why the loop ended.
        completion: The last answer; None when nothing was generated.
    """

    answer: str
    messages: list[Message]
    trace: tuple[ToolStep, ...]
    usage: Usage
    stopped: StopReason
    completion: Completion | None = None

    @property
    def text(self) -> str:
        """The final answer."""
        return self.answer

    def require_answer(self) -> str:
        """The final answer.

        Raises:
            ToolLoopError: the loop ended without one.
        """
        if self.stopped == "answer":
            return self.answer
        raise ToolLoopError(
            f"the tool loop ended without an answer ({self.stopped})",
            text=self.answer,
            hint="raise max_depth, max_calls or max_tokens",
        )


class ToolLoop:
    """Iterate it to run it; read its attributes at any time.

    Attributes:
        messages: The conversation so far.
        trace: The calls so far.
        usage: Tokens and seconds so far.
        stopped: Why the loop ended; "cancelled" until it did.
        completion: The last answer.
    """

    def __init__(
        self,
        model: ChatModel,
        messages: Sequence[Message],
        tools: Iterable[Executable],
        *,
        max_depth: int = 5,
        max_calls: int | None = None,
        max_repeats: int = 2,
        approve: Approve | None = None,
        timeout_s: float | None = None,
        max_result_chars: int | None = DEFAULT_MAX_RESULT_CHARS,
        tool_choice: ToolChoice = "auto",
        **options: Any,
    ) -> None:
        """Prepare the loop.

        Args:
            model: Who answers.
            messages: The conversation; the model speaks next.
            tools: Functions that may be executed.
            max_depth: Rounds of calls at most.
            max_calls: Calls at most, over all rounds; None is no limit.
            max_repeats: How often one and the same call is executed at most.
            approve: Asked before every call.
            timeout_s: Seconds to wait for one function.
            max_result_chars: Longest result in characters.
            tool_choice: For the first answer; later ones are free to end the loop.
            **options: As in `ChatModel.stream`.

        Raises:
            ToolDefinitionError: a function cannot become a tool.
            OptionError: a limit is out of its range.
        """
        _check_limit("max_depth", max_depth, least=1)
        _check_limit("max_repeats", max_repeats, least=1)
        if max_calls is not None:
            _check_limit("max_calls", max_calls, least=0)
        if max_result_chars is not None:
            _check_limit("max_result_chars", max_result_chars, least=1)
        if timeout_s is not None:
            _check_seconds("timeout_s", timeout_s)
        self.messages = list(messages)
        self.trace: list[ToolStep] = []
        self.usage = Usage()
        self.stopped: StopReason = "cancelled"
        self.completion: Completion | None = None
        self._model = model
        self._tools = executables(tools)
        self._max_depth, self._max_calls = max_depth, max_calls
        self._max_repeats = max_repeats
        self._execute_options: dict[str, Any] = {
            "approve": approve,
            "timeout_s": timeout_s,
            "max_result_chars": max_result_chars,
        }
        self._tool_choice = tool_choice
        self._options = options
        self._seen: Counter[str] = Counter()
        self._open: list[ToolCall] = []
        self._n_executed = 0

    @property
    def definitions(self) -> list[Tool]:
        """What the model is shown."""
        return [tool.tool for tool in self._tools.values()]

    def __iter__(self) -> Generator[LoopItem, None, None]:
        try:
            for depth in range(self._max_depth + 1):
                completion = yield from self._ask(depth)
                if self._is_over(completion, depth):
                    return
                for call in completion.tool_calls:
                    yield self._answer_call(call, depth)
                for failure in completion.failures:
                    yield self._report_failure(failure.problem, depth)
                if self._max_calls is not None and self._n_executed >= self._max_calls:
                    # One more answer may still use the results.
                    self._max_depth = min(self._max_depth, depth + 1)
        finally:
            self._settle(_WHY_SKIPPED[self.stopped])

    def run(self, *, on_event: Callable[[LoopItem], None] | None = None) -> ToolRun:
        """Run to the end, showing every item to `on_event`."""
        for item in self:
            if on_event is not None:
                on_event(item)
        return self.result()

    def result(self) -> ToolRun:
        """What the loop came to so far."""
        return ToolRun(
            answer=self.completion.text if self.completion else "",
            messages=list(self.messages),
            trace=tuple(self.trace),
            usage=self.usage,
            stopped=self.stopped,
            completion=self.completion,
        )

    def _ask(self, depth: int) -> Generator[LoopItem, None, Completion]:
        stream = self._model.stream(
            self.messages,
            tools=self.definitions,
            tool_choice=self._tool_choice if depth == 0 else "auto",
            **self._options,
        )
        try:
            yield from stream
        finally:
            stream.close()
            completion = stream.completion()
            message = completion.message
            if message.content or message.tool_calls or message.reasoning:
                self.messages.append(message)
                self._open = list(message.tool_calls)
            self.completion = completion
            self.usage = _add(self.usage, completion.usage)
        return completion

    def _is_over(self, completion: Completion, depth: int) -> bool:
        """Whether nothing is to be executed; `stopped` says why then."""
        if completion.finish_reason == "length":
            # The same prompt again would be cut again.
            self.stopped = "length"
        elif not completion.tool_calls and not completion.failures:
            self.stopped = "answer"
        elif depth >= self._max_depth:
            out_of_calls = (
                self._max_calls is not None and self._n_executed >= self._max_calls
            )
            self.stopped = "calls" if out_of_calls else "depth"
        else:
            return False
        return True

    def _answer_call(self, call: ToolCall, depth: int) -> ToolStep:
        key = json.dumps([call.name, call.arguments], sort_keys=True, default=str)
        if self._max_calls is not None and self._n_executed >= self._max_calls:
            step = _skip(call, depth, "skipped", _WHY_SKIPPED["calls"])
        elif self._seen[key] >= self._max_repeats:
            step = _skip(call, depth, "repeated", _REPEATED)
        else:
            self._seen[key] += 1
            self._n_executed += 1
            step = execute_call(call, self._tools, depth=depth, **self._execute_options)
        self.messages.append(ToolMessage(step.result, name=call.name, call_id=call.id))
        self._open.remove(call)
        self.trace.append(step)
        return step

    def _report_failure(self, problem: str, depth: int) -> ToolStep:
        text = render_syntax_error(problem)
        step = ToolStep(
            depth=depth, call=None, status="unreadable", result=text, error=problem
        )
        # A tool message answers a call, and here there is none.
        body = f"{TOOL_RESPONSE_OPEN}\n{text}\n{TOOL_RESPONSE_CLOSE}"
        self.messages.append(UserMessage(body))
        self.trace.append(step)
        return step

    def _settle(self, why: str) -> None:
        """Give every call that still waits a result, so that the talk can go on."""
        for call in self._open:
            step = _skip(
                call, self.trace[-1].depth if self.trace else 0, "skipped", why
            )
            self.messages.append(
                ToolMessage(step.result, name=call.name, call_id=call.id)
            )
            self.trace.append(step)
        self._open = []


def run_tools(
    model: ChatModel,
    messages: Sequence[Message],
    tools: Iterable[Executable],
    *,
    on_event: Callable[[LoopItem], None] | None = None,
    **options: Any,
) -> ToolRun:
    """Run the whole loop; the options are those of `ToolLoop`.

    Returns:
        The answer, the conversation and every call. `stopped` says why it ended.
    """
    return ToolLoop(model, messages, tools, **options).run(on_event=on_event)


def _check_limit(name: str, value: object, *, least: int) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or value < least:  # type: ignore[operator]
        raise OptionError(name, f"must be a whole number, at least {least}")


def _check_seconds(name: str, value: object) -> None:
    if not isinstance(value, int | float) or not value > 0:
        raise OptionError(name, "must be a number over 0")


_REPEATED = (
    "this very call was made before; use its earlier result, or call with other"
    " arguments"
)
_WHY_SKIPPED: dict[StopReason, str] = {
    "answer": "the conversation went on",
    "depth": "the limit of rounds is reached",
    "calls": "the limit of calls is reached",
    "length": "the answer was cut",
    "cancelled": "the user interrupted",
}


def _skip(call: ToolCall, depth: int, status: StepStatus, why: str) -> ToolStep:
    text = f"The call was not executed: {why}"
    return ToolStep(depth=depth, call=call, status=status, result=text, error=why)


def _add(a: Usage, b: Usage) -> Usage:
    return replace(
        a,
        **{
            name: getattr(a, name) + getattr(b, name)
            for name in (*_TOKENS, "prefill_s", "decode_s")
        },
    )


_TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "forced_tokens")
