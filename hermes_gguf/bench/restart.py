"""The first token after a restart: instructions read again, or found on disk.

Loads the model a second time. It does not know where the store lies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..chat.model import ChatModel
from ..engine.base import PrefillProgress
from ..events import Finish, Usage
from ..messages import Tool, UserMessage
from ..options import SamplingOptions
from .report import Measurement

OpenModel = Callable[[], AbstractContextManager[ChatModel]]

_MAX_TOKENS = 8
#: What is read sooner is not kept on disk.
_WORTH_S = 2.0


def read_tools(chat: ChatModel, n_tokens: int) -> tuple[tuple[Tool, ...], Usage]:
    """Ask with about `n_tokens` of functions in the prompt; these, and what it took."""
    tools: tuple[Tool, ...] = ()
    while True:
        tools = (*tools, _tool(len(tools)))
        prompt = chat.render([UserMessage("Hello!")], tools=tools)
        if chat.engine.count_tokens(prompt) >= n_tokens:
            break
    return tools, _ask(chat, tools, "Hello!").usage


def after_restart(
    open_model: OpenModel, tools: tuple[Tool, ...], before: Usage, *, load_s: float
) -> Iterator[Measurement]:
    """Load again and ask something else of the same functions."""
    cold_s = load_s + before.prefill_s
    started_s = time.perf_counter()
    with open_model() as chat:
        asked = _ask(chat, tools, "What can you do?")
    first_s, usage = asked.first_token_at_s - started_s, asked.usage
    yield Measurement(
        "restart_cold", "restart", "start, tools not kept", cold_s, "s",
        f"loads, then reads {before.prompt_tokens} tokens",
    )  # fmt: skip
    title = "start, tools kept on disk"
    note = f"{usage.cached_tokens} of {usage.prompt_tokens} tokens were kept"
    if not usage.cached_tokens:
        why = "it takes under 2 s" if before.prefill_s < _WORTH_S else "memory is short"
        title, note = "start, tools read again", f"not kept: {why}"
    yield Measurement("restart_kept", "restart", title, first_s, "s", note)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question took.

    Attributes:
        first_token_at_s: When the prompt was read, by `time.perf_counter`.
        usage: Tokens and seconds.
    """

    first_token_at_s: float
    usage: Usage


def _ask(chat: ChatModel, tools: tuple[Tool, ...], question: str) -> _Asked:
    stream = chat.stream(
        [UserMessage(question)],
        tools=tools,
        sampling=SamplingOptions(temperature=0),
        max_tokens=_MAX_TOKENS,
    )
    usage, read_s = Usage(), time.perf_counter()
    for item in stream:
        match item:
            case PrefillProgress():
                read_s = time.perf_counter()
            case Finish():
                usage = item.usage
            case _:
                pass
    return _Asked(read_s, usage)


def _tool(index: int) -> Tool:
    area = ("order", "invoice", "contact", "meeting", "file")[index % 5]
    return Tool(
        f"find_{area}_{index}",
        f"Find every {area} of department number {index} that fits a question.",
        {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for."},
                "limit": {"type": "integer", "description": "At most so many."},
            },
            "required": ["query"],
        },
    )
