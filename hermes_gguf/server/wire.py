"""The OpenAI chat-completions wire: what is read from a request, and its limits.

No logic of ours is here, only shapes. Policy for what OpenAI knows and we do not:

* fields that cannot change the answer (`user`, `metadata`, `store`, `service_tier`,
  `verbosity`, `prediction`, ...) are ignored;
* fields that would change it are refused with 400 when they ask for something that
  is not supported (audio, `functions`; `grammar`,
  `ignore_eos` and the like of llama-server and vLLM), never dropped. What is not
  declared here is kept in `model_extra`, for `server.convert` to look at.

Messages stay dictionaries here: `chat.convert` checks them and names the culprit.

Source: OpenAI API reference, "Create chat completion".
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Wire(BaseModel):
    """Base of all request parts."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class FunctionWire(Wire):
    """The function of a tool."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    returns: dict[str, Any] | None = Field(default=None, alias="return")


class ToolWire(Wire):
    """One tool; OpenAI's custom (grammar) tools are refused."""

    type: Literal["function"] = "function"
    function: FunctionWire


class JsonSchemaWire(Wire):
    """The schema of response_format json_schema."""

    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool | None = None


class TextFormatWire(Wire):
    """Plain text."""

    type: Literal["text"]


class JsonObjectFormatWire(Wire):
    """Any JSON object; llama.cpp's clients may put a schema beside it."""

    type: Literal["json_object"]
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")


class JsonSchemaFormatWire(Wire):
    """A JSON document that obeys a schema; it may also stand beside `type`."""

    type: Literal["json_schema"]
    json_schema: JsonSchemaWire | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")


ResponseFormatWire = Annotated[
    TextFormatWire | JsonObjectFormatWire | JsonSchemaFormatWire,
    Field(discriminator="type"),
]


#: A number of tokens; LM Studio and llama-server write "no limit" as -1.
TokenLimit = Annotated[
    Annotated[int, Field(ge=1)] | None,
    BeforeValidator(lambda said: None if said == -1 else said),
]


class StreamOptionsWire(Wire):
    """What a stream carries besides the answer."""

    include_usage: bool | None = None


class TemplateArgumentsWire(Wire):
    """What vLLM hands to chat templates; Hermes 4 and Qwen spell the switch so."""

    model_config = ConfigDict(extra="forbid")

    thinking: bool | None = None
    enable_thinking: bool | None = None


class SamplingWire(Wire):
    """What every request for text may say: who writes it, and how."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    model: str = ""
    stream: bool | None = None

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    repetition_penalty: float | None = None
    repeat_last_n: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    seed: int | None = None
    stop: str | list[str] | None = None


class GenerationWire(SamplingWire):
    """What every request for an answer may say, whatever its conversation is."""

    #: A word or an object; `server.convert` reads it, and names what it cannot be.
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    thinking: bool | None = None
    chat_template_kwargs: TemplateArgumentsWire | None = None


class ChatCompletionRequest(GenerationWire):
    """The body of POST /v1/chat/completions."""

    messages: list[dict[str, Any]]
    stream_options: StreamOptionsWire | None = None
    max_tokens: TokenLimit = None
    max_completion_tokens: TokenLimit = None
    tools: list[ToolWire] | None = None
    response_format: ResponseFormatWire | None = None
    reasoning_effort: str | None = None

    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    functions: Any = None
    function_call: Any = None
    modalities: list[str] | None = None
    audio: Any = None
