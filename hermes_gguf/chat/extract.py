"""Text → a value of a given type: the prompt's JSON mode, the grammar, a validator.

The grammar makes the answer valid JSON of the schema. What a schema cannot say (a
pydantic validator) is checked afterwards, and fed back to the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, overload

from pydantic import PydanticUserError, TypeAdapter, ValidationError

from ..errors import OptionError, OutputError, TruncatedOutputError
from ..messages import AssistantMessage, JsonObject, Message
from ..options import require_count
from ..prompt import render_json_error
from ..tools import describe_invalid, schema_of_adapter
from .check import schema_problem
from .completion import Completion
from .feedback import feedback_turn
from .model import ChatModel

T = TypeVar("T")

_FENCE = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)


@overload
def extract(
    model: ChatModel,
    target: type[T],
    messages: Sequence[Message],
    *,
    max_retries: int = ...,
    **options: Any,
) -> T: ...
@overload
def extract(
    model: ChatModel,
    target: Any,
    messages: Sequence[Message],
    *,
    max_retries: int = ...,
    **options: Any,
) -> Any: ...
def extract(
    model: ChatModel,
    target: Any,
    messages: Sequence[Message],
    *,
    max_retries: int = 2,
    **options: Any,
) -> Any:
    """Have the model answer with a value of `target`.

    Args:
        model: Who answers.
        target: A pydantic model, a dataclass, any type that pydantic understands, or
            a JSON Schema as a dictionary (the answer is then plain data).
        messages: What to read, and what to do with it.
        max_retries: New attempts after an answer that does not validate.
        **options: As in `ChatModel.stream`.

    Raises:
        OptionError: pydantic does not understand `target`.
        SchemaError: the schema of `target` cannot be enforced.
        TruncatedOutputError: the answer was cut before its end.
        OutputError: no attempt gave a valid value; `text` is the last answer.
    """
    require_count("max_retries", max_retries, least=0)
    schema, adapter = schema_of(target)
    conversation = list(messages)
    problem = ""
    completion = None
    for _ in range(max_retries + 1):
        completion = model.ask(conversation, json_schema=schema, **options)
        value, problem = _read(completion, schema, adapter)
        if not problem:
            return value
        conversation += _feedback(completion, problem)
    raise OutputError(
        f"the answer is not what was asked for: {problem}",
        text=completion.text if completion else "",
        hint="a larger model, a clearer text, or more retries (max_retries)",
    )


def schema_of(target: Any) -> tuple[JsonObject, TypeAdapter[Any] | None]:
    """The JSON Schema of a type, and what validates its values.

    Raises:
        OptionError: pydantic does not understand the type.
    """
    if isinstance(target, Mapping):
        return target, None
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(target)
        return schema_of_adapter(adapter), adapter
    except PydanticUserError as error:
        problem = str(error).splitlines()[0]
        raise OptionError(
            "target", f"no JSON Schema for {target!r}: {problem}"
        ) from error


def _read(
    completion: Completion, schema: JsonObject, adapter: TypeAdapter[Any] | None
) -> tuple[Any, str]:
    """The value, and what is wrong with it ("" when nothing is)."""
    text = completion.text
    if fenced := _FENCE.fullmatch(text):
        text = fenced.group(1)
    was_cut = completion.finish_reason in ("length", "cancelled")
    try:
        plain = json.loads(text)
        # A number is the only document whose beginning is one too.
        if was_cut and isinstance(plain, int | float) and not isinstance(plain, bool):
            raise _truncated(completion)
        value = plain if adapter is None else adapter.validate_json(text)
    except ValidationError as error:
        return None, describe_invalid(error)
    except (ValueError, RecursionError) as error:
        if was_cut:
            raise _truncated(completion) from error
        return None, f"it is not JSON: {error}"
    enforcement = completion.enforcement
    # A pydantic type knows its own rules; not those that only its schema states.
    if adapter is not None and not enforcement.left_to_check:
        return value, ""
    return value, schema_problem(plain, schema, trusted=enforcement.is_whole)


def _truncated(completion: Completion) -> TruncatedOutputError:
    if completion.finish_reason == "cancelled":
        return TruncatedOutputError(
            "The answer was cancelled before its end.", text=completion.text
        )
    return TruncatedOutputError(
        "The JSON answer was cut before its end.",
        text=completion.text,
        hint="raise max_tokens, or load the model with a longer context",
    )


def _feedback(completion: Completion, problem: str) -> list[Message]:
    turn = feedback_turn(render_json_error(problem))
    return [AssistantMessage(completion.text), turn]
