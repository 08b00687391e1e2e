"""Answers under `on_unsupported="check"`: validated afterwards, made again when wrong.

A grammar enforces all of a schema but the keywords that it had to leave out. Here a
validator that knows them looks at the finished answer, and what is wrong goes back
to the model. It renders no prompts: `model` does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from ..errors import OutputError
from ..messages import JsonObject, Message, Tool, ToolMessage
from ..prompt import render_json_error, render_validation_error
from .check import problem_of
from .completion import Completion
from .feedback import feedback_turn

#: One answer to a conversation.
Ask: TypeAlias = Callable[[Sequence[Message]], Completion]


def complete_checked(
    ask: Ask,
    messages: Sequence[Message],
    *,
    tools: Sequence[Tool],
    json_schema: JsonObject | None,
    max_retries: int,
) -> Completion:
    """Ask until an answer passes the validator, feeding back what is wrong.

    Args:
        ask: Answers a conversation.
        messages: The conversation.
        tools: What may be called.
        json_schema: What a JSON answer must look like.
        max_retries: New attempts after an answer that does not pass.

    Returns:
        The answer that passed, with what was wrong with those that did not; or one
        that was cut, which cannot be judged, as it is.

    Raises:
        OutputError: none passed; `text` is the last one.
    """
    conversation = list(messages)
    failed: list[str] = []
    while True:
        completion = ask(conversation)
        if not completion.complete or completion.finish_reason == "length":
            return completion
        problem = problem_of(completion, tools=tools, json_schema=json_schema)
        if not problem:
            return replace(completion, wrong_attempts=tuple(failed))
        failed.append(problem)
        if len(failed) > max_retries:
            raise OutputError(
                f"The answer breaks its schema after {len(failed)} attempts: {problem}",
                text=completion.text,
                hint="a simpler schema, a larger model, or more retries (max_retries)",
            )
        conversation += _feedback(completion, problem)


def _feedback(completion: Completion, problem: str) -> list[Message]:
    """The wrong answer, and what is wrong with it, as turns of the conversation."""
    if completion.tool_calls:
        results = [
            ToolMessage(render_validation_error(call.name, problem), call.name, call.id)
            for call in completion.tool_calls
        ]
        return [completion.message, *results]
    return [completion.message, feedback_turn(render_json_error(problem))]
