"""What a Response repeats of its request. Pure."""

from __future__ import annotations

from typing import Any

from ..convert import ChatArguments
from ..replies import Envelope
from .wire import ResponsesRequest

Json = dict[str, Any]


def head_of(
    request: ResponsesRequest, asked: ChatArguments, envelope: Envelope
) -> Json:
    """All fields of a Response that are known before the answer."""
    return {
        "id": envelope.id,
        "object": "response",
        "created_at": envelope.created,
        "model": envelope.model,
        "background": False,
        "instructions": request.instructions,
        "max_output_tokens": request.max_output_tokens,
        "metadata": request.metadata or {},
        "parallel_tool_calls": asked.parallel_tool_calls,
        "previous_response_id": None,
        "reasoning": {
            "effort": request.reasoning and request.reasoning.effort,
            "summary": None,
        },
        "service_tier": "default",
        "store": False,
        "temperature": asked.sampling.temperature,
        "text": _text(request),
        "tool_choice": request.tool_choice or "auto",
        "tools": _tools(request),
        "top_logprobs": asked.top_logprobs or 0,
        "top_p": asked.sampling.top_p,
        "truncation": "disabled",
    }


def _text(request: ResponsesRequest) -> Json:
    said = request.text.model_dump(by_alias=True) if request.text else {}
    return {
        "format": said.get("format") or {"type": "text"},
        "verbosity": said.get("verbosity") or "medium",
    }


def _tools(request: ResponsesRequest) -> list[Json]:
    return [tool.model_dump(exclude={"returns"}) for tool in request.tools or ()]
