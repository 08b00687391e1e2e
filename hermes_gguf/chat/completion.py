"""One whole answer as a value, and the fold from events to it.

A fold that is stopped half-way still gives what was said so far, so an interrupted
answer is never lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import ToolCallSyntaxError
from ..events import (
    Event,
    Finish,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    TokenProb,
    ToolCallEnded,
    ToolCallFailed,
    Usage,
)
from ..messages import AssistantMessage, ToolCall
from .enforcement import Enforcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What one generation said.

    Attributes:
        message: The assistant's turn, to be appended to the conversation. Its text
            contains calls that could not be read, as they were written.
        finish_reason: Why it ended; "cancelled" when the caller closed the stream.
        usage: Tokens and seconds.
        seed: Seed of the sampler; None when the generation was cancelled.
        failures: Calls that could not be read.
        enforcement: What held the answer to the schemas that it was asked for.
        wrong_attempts: What was wrong with each attempt before this one.
        complete: False when a call or a JSON document was cut before its end.
        logprobs: The tokens of the text, where `top_logprobs` asked for them.
    """

    message: AssistantMessage
    finish_reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    seed: int | None = None
    failures: tuple[ToolCallSyntaxError, ...] = ()
    enforcement: Enforcement = Enforcement()
    wrong_attempts: tuple[str, ...] = ()
    complete: bool = True
    logprobs: tuple[TokenProb, ...] = ()

    @property
    def text(self) -> str:
        """The visible answer."""
        return self.message.content

    @property
    def reasoning(self) -> str:
        """What stood inside `<think>` or `<scratch_pad>`."""
        return self.message.reasoning

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that the model made."""
        return self.message.tool_calls

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line for each thing that the caller should know."""
        wrong = enumerate(self.wrong_attempts, 1)
        attempts = (f"attempt {n} was wrong: {problem}" for n, problem in wrong)
        return (*self.enforcement.warnings, *attempts)


class CompletionBuilder:
    """Folds the events of one answer; ask for `completion` at any time."""

    def __init__(self, *, enforcement: Enforcement) -> None:
        self._enforcement = enforcement
        self._text: list[str] = []
        self._probs: list[TokenProb] = []
        self._reasoning: list[str] = []
        self._calls: list[ToolCall] = []
        self._failures: list[ToolCallSyntaxError] = []
        self._finish = Finish("cancelled", Usage(), complete=False)

    def feed(self, event: Event) -> None:
        """Take in the next event."""
        match event:
            case TextDelta(text, probs):
                self._text.append(text)
                self._probs += probs
            case ReasoningDelta(text):
                self._reasoning.append(text)
            case ToolCallEnded(_, call):
                self._calls.append(call)
            case ToolCallFailed(error):
                self._failures.append(error)
                self._text.append("\n" + error.text if self._text else error.text)
            case Finish():
                self._finish = event
            case _:
                pass

    def completion(self) -> Completion:
        """The answer as far as it was fed."""
        message = AssistantMessage(
            content="".join(self._text),
            tool_calls=tuple(self._calls),
            reasoning="".join(self._reasoning),
        )
        return Completion(
            message=message,
            finish_reason=self._finish.reason,
            usage=self._finish.usage,
            seed=self._finish.seed,
            failures=tuple(self._failures),
            enforcement=self._enforcement,
            complete=self._finish.complete,
            logprobs=tuple(self._probs),
        )
