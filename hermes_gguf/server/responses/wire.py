"""The Responses wire: what is read from a request. Shapes only, as in `server.wire`.

Items stay as they came: `items` reads them and names the culprit. What the chat
endpoint takes beside OpenAI's fields (`top_k`, `seed`, `stop`, ...) is taken here too.

Source: OpenAI API reference, "Create a model response".
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from ..wire import (
    GenerationWire,
    JsonObjectFormatWire,
    TextFormatWire,
    TokenLimit,
    Wire,
)


class FunctionToolWire(Wire):
    """A function that the model may call."""

    type: Literal["function"] = "function"
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None
    returns: dict[str, Any] | None = Field(
        default=None, validation_alias=AliasChoices("output_schema", "return")
    )


def _only_functions(tool: Any) -> Any:
    kind = tool.get("type", "function") if isinstance(tool, dict) else "function"
    if kind != "function":
        raise PydanticCustomError(
            "tool_type",
            "a tool of type {kind} is not served; declare a function that your own"
            " program runs",
            {"kind": repr(kind)},
        )
    return tool


class JsonSchemaFormatWire(Wire):
    """A JSON document that obeys a schema."""

    type: Literal["json_schema"]
    name: str = "answer"
    description: str | None = None
    strict: bool | None = None
    schema_: dict[str, Any] = Field(alias="schema")


class TextWire(Wire):
    """What the text of an answer is."""

    format: (
        Annotated[
            TextFormatWire | JsonObjectFormatWire | JsonSchemaFormatWire,
            Field(discriminator="type"),
        ]
        | None
    ) = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningWire(Wire):
    """Whether the model is to reason; there are no summaries."""

    effort: str | None = None


class ResponsesRequest(GenerationWire):
    """The body of POST /v1/responses."""

    #: A text or a list of items.
    input: Any
    instructions: str | None = None
    max_output_tokens: TokenLimit = None
    tools: (
        list[Annotated[FunctionToolWire, BeforeValidator(_only_functions)]] | None
    ) = None
    text: TextWire | None = None
    reasoning: ReasoningWire | None = None
    metadata: dict[str, str] | None = None

    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None
    background: bool | None = None
    truncation: str | None = None
    include: list[str] | None = None
    top_logprobs: int | None = None
    moderation: Any = None
    context_management: Any = None
