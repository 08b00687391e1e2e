"""Answers in a conversation: a tool call with and without jump-forward, a second turn.

Prompts are read before a call is timed, so that the seconds are those of writing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

from ..chat.completion import Completion
from ..chat.model import ChatModel
from ..messages import AssistantMessage, Message, Tool, UserMessage
from ..options import SamplingOptions
from .report import Measurement

WEATHER = Tool(
    "get_current_temperature",
    "Get the current temperature at a location.",
    {
        "type": "object",
        "properties": {
            # Bounded, so that a model that never ends a string is measured too.
            "location": {"type": "string", "maxLength": 24},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["location", "unit"],
    },
)
_QUESTION = UserMessage("What's the temperature in Paris right now?")
#: What such a call has, and what a second turn reads and writes, about.
_CALL_TOKENS = 30
TURN_TOKENS = 80
_GREEDY = SamplingOptions(temperature=0, repeat_penalty=1.0)
_MAX_TOKENS = 80
#: A call that takes longer is measured once.
_LONG_CALL_S = 2.0


def tool_call(
    chat: ChatModel, *, token_s: float, left_s: Callable[[], float]
) -> Iterator[Measurement]:
    """One forced call, with and without forced text decoded as a batch.

    Args:
        chat: The model.
        token_s: Seconds that it takes for a token, by which the second is left out.
        left_s: Seconds that may be taken yet.
    """
    _call(chat, jump_forward=True, max_tokens=1)
    jumping, fast_s = _timed_call(chat, jump_forward=True)
    usage = jumping.usage
    note = f"{usage.forced_tokens} of {usage.completion_tokens} tokens forced"
    slow_s = usage.completion_tokens * token_s
    if slow_s > left_s():
        note += f"; token by token it would take about {slow_s:.0f} s"
        yield Measurement("call", "call", "a tool call", fast_s, "s", note)
        return
    stepping, slow_s = _timed_call(chat, jump_forward=False)
    if jumping.message != stepping.message:
        note += "; the two calls differ"
    yield Measurement("call", "call", "a tool call", fast_s, "s", note)
    yield Measurement(
        "call_stepwise", "call", "the call, token by token", slow_s, "s",
        f"{slow_s / fast_s:.1f} times as long",
    )  # fmt: skip


def _timed_call(chat: ChatModel, *, jump_forward: bool) -> tuple[Completion, float]:
    seconds: list[float] = []
    while True:
        started_s = time.perf_counter()
        completion = _call(chat, jump_forward=jump_forward, max_tokens=_MAX_TOKENS)
        seconds.append(time.perf_counter() - started_s)
        if len(seconds) == 3 or seconds[0] > _LONG_CALL_S:
            return completion, median(seconds)


def call_tokens(chat: ChatModel) -> int:
    """Tokens that are read and written before a call was timed once."""
    prompt = chat.render([_QUESTION], tools=[WEATHER])
    return chat.engine.count_tokens(prompt) + _CALL_TOKENS


def _call(chat: ChatModel, *, jump_forward: bool, max_tokens: int) -> Completion:
    return chat.complete(
        [_QUESTION],
        tools=[WEATHER],
        tool_choice="required",
        parallel_tool_calls=False,
        sampling=_GREEDY,
        max_tokens=max_tokens,
        jump_forward=jump_forward,
    )


def second_turn(chat: ChatModel) -> Iterator[Measurement]:
    """How much of a conversation is read again when it goes on."""
    first: list[Message] = [UserMessage("Name three rivers of Europe, please.")]
    said = chat.complete(first, sampling=_GREEDY, max_tokens=12)
    following = [*first, AssistantMessage(said.text), UserMessage("And of Asia?")]
    usage = chat.complete(following, sampling=_GREEDY, max_tokens=1).usage
    evaluated = usage.prompt_tokens - usage.cached_tokens
    note = f"of {usage.prompt_tokens} in the prompt"
    yield Measurement(
        "turn_tokens",
        "turn",
        "second turn: tokens read",
        evaluated,
        "tokens",
        note,
    )
    yield Measurement("turn", "turn", "second turn: first token", usage.prefill_s, "s")
