"""A wire request → the arguments of `ChatModel.stream`. Pure; refuses by name."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from ..chat.convert import messages_from_openai
from ..errors import OptionError
from ..messages import JsonObject, Message, NamedTool, Tool, ToolChoice
from ..options import SamplingOptions
from .logprobs import MOST_TOP
from .wire import (
    ChatCompletionRequest,
    JsonObjectFormatWire,
    JsonSchemaFormatWire,
    SamplingWire,
    TemplateArgumentsWire,
    ToolWire,
)

#: Answers that one request may have to one prompt.
MOST_CHOICES = 8
#: What response_format json_object asks for when it brings no schema.
ANY_OBJECT: JsonObject = {"type": "object"}
#: Fields of other servers (llama-server, vLLM, SGLang) that would constrain the answer.
_CONSTRAINTS = frozenset(
    {
        "grammar",
        "json_schema",
        "regex",
        "ebnf",
        "structural_tag",
        "guided_json",
        "guided_regex",
        "guided_choice",
        "guided_grammar",
        "structured_outputs",
    }
)
#: Fields of llama-server and vLLM that would change the answer, each with the value
#: that asks for nothing: clients send many of them so.
_FOREIGN: dict[str, Any] = {
    **dict.fromkeys(_CONSTRAINTS),
    "add_generation_prompt": True,
    "allowed_token_ids": [],
    "bad_words": [],
    "best_of": 1,
    "chat_template": "",
    "continue_final_message": False,
    "dry_multiplier": 0,
    "dynatemp_range": 0,
    "echo": False,
    "ignore_eos": False,
    "lora": [],
    "min_tokens": 0,
    "mirostat": 0,
    "n_predict": -1,
    "n_probs": 0,
    "prompt_logprobs": 0,
    "stop_token_ids": [],
    "top_n_sigma": -1,
    "typical_p": 1,
    "use_beam_search": False,
    "xtc_probability": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatArguments:
    """Everything that `ChatModel.stream` is called with."""

    messages: list[Message]
    tools: list[Tool]
    tool_choice: ToolChoice
    parallel_tool_calls: bool
    json_schema: JsonObject | None
    closed_schema: bool
    sampling: SamplingOptions
    max_tokens: int | None
    stop: tuple[str, ...]
    thinking: bool
    top_logprobs: int | None


def from_wire(
    request: ChatCompletionRequest, *, sampling: SamplingOptions
) -> ChatArguments:
    """The request in our terms; `sampling` holds what it leaves unsaid.

    Raises:
        OptionError: a field asks for something that is not supported.
        MessageError: a message is malformed.
    """
    _refuse_unsupported(request)
    schema, closed = _schema(request)
    return ChatArguments(
        messages=messages_from_openai(request.messages),
        tools=[_tool(tool) for tool in request.tools or ()],
        tool_choice=_tool_choice(request),
        parallel_tool_calls=request.parallel_tool_calls is not False,
        json_schema=schema,
        closed_schema=closed,
        sampling=sampling_of(request, sampling),
        max_tokens=request.max_completion_tokens or request.max_tokens,
        stop=stop_texts(request.stop),
        thinking=_thinking(request),
        top_logprobs=_top_logprobs(request.logprobs, request.top_logprobs),
    )


def n_choices(n: int | None) -> int:
    """How many answers a request wants to each prompt.

    Raises:
        OptionError: there are never so many.
    """
    if n is not None and not 1 <= n <= MOST_CHOICES:
        raise OptionError("n", f"must be in 1..{MOST_CHOICES}")
    return n or 1


def _refuse_unsupported(request: ChatCompletionRequest) -> None:
    if request.functions or request.function_call not in (None, "auto", "none"):
        raise OptionError("functions", "deprecated; use tools and tool_choice")
    if request.audio is not None or "audio" in (request.modalities or ()):
        raise OptionError("modalities", "only text is supported")
    refuse_foreign(request, instead="use response_format or tools")


def refuse_foreign(request: SamplingWire, *, instead: str) -> None:
    """Refuse what only other servers know, and what would change the answer.

    Args:
        request: What was sent.
        instead: What to do where a constraint is wanted.

    Raises:
        OptionError: such a field is in it.
    """
    for name, value in (request.model_extra or {}).items():
        if name in _FOREIGN and value is not None and value != _FOREIGN[name]:
            further = f"; {instead}" if name in _CONSTRAINTS else ""
            raise OptionError(name, f"not supported here{further}")


def _tool(wire: ToolWire) -> Tool:
    function = wire.function
    parameters = function.parameters or {"type": "object", "properties": {}}
    return Tool(
        name=function.name,
        description=function.description or "",
        parameters=parameters,
        returns=function.returns,
    )


def _tool_choice(request: ChatCompletionRequest) -> ToolChoice:
    choice = request.tool_choice
    names = [tool.function.name for tool in request.tools or ()]
    match choice:
        case None | "auto":
            return "auto"
        case "none":
            return "none"
        case "required" if names:
            return "required"
        case {"type": "function", "function": {"name": str(name)}} if name in names:
            return NamedTool(name)
        case {"type": "function", "function": {"name": str(name)}} if names:
            problem = f"names {name!r}; the tools are {', '.join(names)}"
        case "required" | {"type": "function", "function": {"name": str()}}:
            problem = "needs at least one tool in `tools`"
        case _:
            problem = no_tool_choice(choice, named='"function": {"name": ...}')
    raise OptionError("tool_choice", problem)


def no_tool_choice(choice: Any, *, named: str) -> str:
    """Why `choice` is no tool_choice; `named` is how a tool is named there."""
    return (
        f'{json.dumps(choice)[:200]} is none of "auto", "required", "none",'
        f' {{"type": "function", {named}}}'
    )


def _schema(request: ChatCompletionRequest) -> tuple[JsonObject | None, bool]:
    match request.response_format:
        case JsonSchemaFormatWire(json_schema=wire, schema_=beside):
            schema = beside if wire is None else wire.schema_
            if schema is None:
                raise OptionError("response_format", "json_schema has no `schema`")
            return schema, True
        case JsonObjectFormatWire(schema_=schema):
            return (ANY_OBJECT, False) if schema is None else (schema, True)
        case _:
            return None, True


def sampling_of(request: SamplingWire, defaults: SamplingOptions) -> SamplingOptions:
    """How tokens are chosen; `defaults` holds what the request leaves unsaid.

    Raises:
        OptionError: a value cannot be.
    """
    repeat_penalty = request.repeat_penalty
    if repeat_penalty is None:
        repeat_penalty = request.repetition_penalty
    top_p, top_k = request.top_p, request.top_k
    if top_p == 0:  # OpenAI's range has it: the likeliest token alone.
        top_p, top_k = None, 1
    said: dict[str, Any] = {
        "temperature": request.temperature,
        "top_p": top_p,
        "top_k": 0 if top_k == -1 else top_k,  # vLLM writes "all" so.
        "min_p": request.min_p,
        "repeat_penalty": repeat_penalty,
        "repeat_last_n": request.repeat_last_n,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
        "seed": request.seed,
    }
    if request.logit_bias:
        said["logit_bias"] = _logit_bias(request.logit_bias)
    return replace(defaults, **{k: v for k, v in said.items() if v is not None})


def _logit_bias(wire: dict[str, float]) -> tuple[tuple[int, float], ...]:
    try:
        return tuple((int(token), bias) for token, bias in wire.items())
    except ValueError as exc:
        raise OptionError("logit_bias", "keys must be token ids") from exc


def stop_texts(stop: str | list[str] | None) -> tuple[str, ...]:
    """The texts that end an answer.

    Raises:
        OptionError: one is empty.
    """
    texts = [stop] if isinstance(stop, str) else stop or []
    if any(not text for text in texts):
        raise OptionError("stop", "an empty text would stop at once")
    return tuple(texts)


def _top_logprobs(wanted: bool | None, top: int | None) -> int | None:
    if not 0 <= (top or 0) <= MOST_TOP:
        raise OptionError("top_logprobs", f"must be in 0..{MOST_TOP}")
    if top and not wanted:
        raise OptionError("top_logprobs", "needs `logprobs: true` beside it")
    return (top or 0) if wanted else None


def _thinking(request: ChatCompletionRequest) -> bool:
    template = request.chat_template_kwargs or TemplateArgumentsWire()
    for said in (request.thinking, template.thinking, template.enable_thinking):
        if said is not None:
            return said
    return request.reasoning_effort in ("low", "medium", "high", "xhigh")
