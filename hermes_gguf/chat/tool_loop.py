"""The tool loop: answer, execute the calls, feed the results back, until done.

One iterator shows all of it: the events of every answer, and a `ToolStep` for every
call. Stopping it half-way keeps the conversation whole: what was said stays, and
every call has a result.

Source: the loop of functioncall.py in NousResearch/Hermes-Function-Calling, revision
3e695ed081a0a5c3ae74a556077d29ff7045ef2c.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, Unpack

from ..errors import ToolLoopError
from ..events import Usage
from ..messages import Message, Tool, ToolCall, ToolChoice, ToolMessage
from ..options import require_count, require_seconds
from ..prompt import render_syntax_error
from ..tools.results import DEFAULT_MAX_CHARS
from .budget import CallBudget
from .completion import Completion
from .enforcement import Enforcement
from .execute import (
    Approve,
    ToolStep,
    interrupted,
    not_executed,
    refuse_call,
    run_call,
)
from .feedback import feedback_turn
from .model import ChatModel
from .named_options import LoopByName, require_known
from .sampling import with_sampling
from .stream import StreamItem
from .toolset import Executable, executables

LoopItem: TypeAlias = StreamItem | ToolStep

#: answer: the model answered in words; depth, calls: the loop used up its budget;
#: length: max_tokens or the context cut an answer; cancelled: the caller stopped it, or
#: closed the model.
StopReason: TypeAlias = Literal["answer", "depth", "calls", "length", "cancelled"]


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
            hint=_HINTS[self.stopped],
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
        max_result_chars: int | None = DEFAULT_MAX_CHARS,
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
            **options: As in `ChatModel.stream`; the fields of `SamplingOptions` by
                name, too.

        Raises:
            ToolDefinitionError: a function cannot become a tool.
            OptionError: a limit is out of its range.
            TypeError: there is no such option.
        """
        require_known(options, LoopByName, method="ToolLoop")
        self._budget = CallBudget(
            max_depth=max_depth, max_calls=max_calls, max_repeats=max_repeats
        )
        if max_result_chars is not None:
            require_count("max_result_chars", max_result_chars, least=1)
        if timeout_s is not None:
            require_seconds("timeout_s", timeout_s)
        self.messages = list(messages)
        self.trace: list[ToolStep] = []
        self.usage = Usage()
        self.stopped: StopReason = "cancelled"
        self.completion: Completion | None = None
        self._model = model
        self._tools = executables(tools)
        self._approve = approve
        self._run_options: dict[str, Any] = {
            "timeout_s": timeout_s,
            "max_result_chars": max_result_chars,
        }
        self._tool_choice = tool_choice
        self._options = with_sampling(options, default=model.sampling)
        self._depth = 0
        self._open: list[ToolCall] = []

    @property
    def definitions(self) -> list[Tool]:
        """What the model is shown."""
        return [tool.tool for tool in self._tools.values()]

    def __iter__(self) -> Generator[LoopItem, None, None]:
        last_depth = self._budget.max_depth
        try:
            for self._depth in itertools.count():
                completion = yield from self._ask()
                reason = self._reason_to_stop(completion, last_depth)
                if reason is not None:
                    self.stopped = reason
                    return
                for call in completion.tool_calls:
                    yield self._answer_call(call, completion.enforcement)
                for failure in completion.failures:
                    yield self._report_failure(failure.problem)
                if self._budget.is_spent:
                    # One more answer may still use the results.
                    last_depth = min(last_depth, self._depth + 1)
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

    def _ask(self) -> Generator[LoopItem, None, Completion]:
        stream = self._model.stream(
            self.messages,
            tools=self.definitions,
            tool_choice=self._tool_choice if self._depth == 0 else "auto",
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
            self.usage += completion.usage
        return completion

    def _reason_to_stop(
        self, completion: Completion, last_depth: int
    ) -> StopReason | None:
        """Why nothing is to be executed; None when there is something."""
        if completion.finish_reason == "length":
            # The same prompt again would be cut again.
            return "length"
        if completion.finish_reason == "cancelled":
            return "cancelled"
        if not completion.tool_calls and not completion.failures:
            return "answer"
        if self._depth >= last_depth:
            return "calls" if self._budget.is_spent else "depth"
        return None

    def _answer_call(self, call: ToolCall, enforcement: Enforcement) -> ToolStep:
        depth = self._depth
        if self._budget.is_spent:
            why = _WHY_SKIPPED["calls"]
            step = not_executed(call, depth=depth, status="skipped", why=why)
        elif self._budget.is_repeated(call):
            step = not_executed(call, depth=depth, status="repeated", why=_REPEATED)
        else:
            self._budget.take(call)
            step = self._execute(call, enforcement)
        self._open.remove(call)
        self._record(call, step)
        return step

    def _execute(self, call: ToolCall, enforcement: Enforcement) -> ToolStep:
        depth = self._depth
        step = refuse_call(
            call,
            self._tools,
            depth=depth,
            enforcement=enforcement,
            approve=self._approve,
        )
        if step is not None:
            return step
        try:
            return run_call(
                call, self._tools[call.name], depth=depth, **self._run_options
            )
        except BaseException:
            # It may have had its effect: the model shall not take it for not made.
            self._open.remove(call)
            self._record(call, interrupted(call, depth=depth))
            raise

    def _report_failure(self, problem: str) -> ToolStep:
        text = render_syntax_error(problem)
        step = ToolStep(
            depth=self._depth,
            call=None,
            status="unreadable",
            result=text,
            error=problem,
        )
        self.messages.append(feedback_turn(text))
        self.trace.append(step)
        return step

    def _settle(self, why: str) -> None:
        """Give every call that still waits a result, so that the talk can go on."""
        for call in self._open:
            depth = self._depth
            step = not_executed(call, depth=depth, status="skipped", why=why)
            self._record(call, step)
        self._open = []

    def _record(self, call: ToolCall, step: ToolStep) -> None:
        result = ToolMessage(step.result, name=call.name, call_id=call.id)
        self.messages.append(result)
        self.trace.append(step)


def run_tools(
    model: ChatModel,
    messages: Sequence[Message],
    tools: Iterable[Executable],
    *,
    on_event: Callable[[LoopItem], None] | None = None,
    **options: Unpack[LoopByName],
) -> ToolRun:
    """Run the whole loop; the options are those of `ToolLoop`.

    Returns:
        The answer, the conversation and every call. `stopped` says why it ended.
    """
    return ToolLoop(model, messages, tools, **options).run(on_event=on_event)


_REPEATED = (
    "this very call was made before; use its earlier result, or call with other"
    " arguments"
)
_HINTS: dict[StopReason, str | None] = {
    "answer": None,
    "depth": "raise max_depth",
    "calls": "raise max_calls",
    "length": "raise max_tokens, or load the model with a longer context",
    "cancelled": None,
}
_WHY_SKIPPED: dict[StopReason, str] = {
    "answer": "the conversation went on",
    "depth": "the limit of rounds is reached",
    "calls": "the limit of calls is reached",
    "length": "the answer was cut",
    "cancelled": "the user interrupted",
}
