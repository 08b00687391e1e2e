"""The tool loop as transcripts: what the model said, what ran, what it was told."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from typing import Any

import pytest
from pydantic import TypeAdapter

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.chat.tool_loop import ToolLoop, run_tools
from hermes_gguf.engine.base import EngineFinish, Piece
from hermes_gguf.engine.scripted import ScriptedEngine
from hermes_gguf.errors import GenerationError, OptionError, ToolLoopError
from hermes_gguf.events import Usage
from hermes_gguf.messages import ToolMessage, UserMessage
from hermes_gguf.tools import tool

ASK = [UserMessage("Weather in Paris?")]


@tool
def temperature(city: str, unit: str = "celsius") -> float:
    """Get the temperature.

    Args:
        city: The city.
        unit: The unit. (choices: ["celsius", "fahrenheit"])

    Returns:
        Degrees.
    """
    if city == "Atlantis":
        raise LookupError("no such city")
    return 22.0


@tool
async def wind(city: str) -> float:
    """Get the wind speed.

    Args:
        city: The city.
    """
    await asyncio.sleep(0)
    return 6.0


@tool(requires_approval=True)
def delete_all() -> str:
    """Delete everything."""
    return "gone"


@tool
def sleepy() -> str:
    """Sleep."""
    time.sleep(5)
    return "awake"


@tool
def leave() -> str:
    """Leave."""
    sys.exit(3)


@tool
def enrol() -> str:
    """Enrol a person."""
    return TypeAdapter(dict[str, int]).validate_json('{"age": "old"}')["age"]


def call(name: str, arguments: str = "{}") -> str:
    return f'<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'


PARIS = call("temperature", '{"city": "Paris"}')


def run(*script: Any, strict: bool = True, **options: Any) -> Any:
    engine = ScriptedEngine(script, strict=strict)
    options.setdefault("tools", [temperature, wind, delete_all, sleepy, leave, enrol])
    result = run_tools(ChatModel(engine), ASK, **options)
    return result, engine


def statuses(result: Any) -> list[str]:
    return [step.status for step in result.trace]


def test_a_call_is_executed_and_its_result_becomes_the_answer() -> None:
    result, engine = run(PARIS, "It is 22.0 degrees.")
    assert result.answer == "It is 22.0 degrees."
    assert result.require_answer() == result.answer
    assert result.stopped == "answer"
    assert [(s.call.name, s.value, s.status) for s in result.trace] == [
        ("temperature", 22.0, "ok")
    ]
    assert "<tool_response>\n22.0\n</tool_response>" in engine.prompts[1]
    assert [m.role for m in result.messages] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]


def test_parallel_calls_run_in_order_and_share_one_tool_turn() -> None:
    both = PARIS + "\n" + call("wind", '{"city": "Paris"}')
    result, engine = run(both, "22 degrees, 6 km/h.")
    assert [step.value for step in result.trace] == [22.0, 6.0]
    assert (
        "<|im_start|>tool\n<tool_response>\n22.0\n</tool_response>\n"
        "<tool_response>\n6.0\n</tool_response>" in engine.prompts[1]
    )


def test_arguments_are_bound_by_name_in_any_order() -> None:
    swapped = call("temperature", '{"unit": "celsius", "city": "Paris"}')
    result, _ = run(swapped, "ok", strict=False)
    assert statuses(result) == ["ok"]


@pytest.mark.parametrize(
    ("bad", "status", "told"),
    [
        (call("temperature", '{"city": "Atlantis"}'), "failed", "no such city"),
        (call("temperature", '{"town": "Paris"}'), "invalid", "'city' is a required"),
        (
            call("temperature", '{"city": "Paris", "unit": "kelvin"}'),
            "invalid",
            "unit: 'kelvin' is not one of",
        ),
        (call("temperature", '{"city": 5}'), "invalid", "city: 5 is not of type"),
        (call("leave"), "failed", "SystemExit: 3"),
        (call("enrol"), "failed", "ValidationError: age: Input should be a valid"),
        (call("nope"), "invalid", "There is no function named 'nope'"),
        (call("delete_all"), "denied", "needs approval"),
        ("<tool_call>\n{'name': 'wind'", "unreadable", "cut off"),
        ("<tool_call>wind(Paris)</tool_call>", "unreadable", "no JSON object"),
    ],
)
def test_what_goes_wrong_is_told_to_the_model(bad: str, status: str, told: str) -> None:
    result, engine = run(bad, "Sorry.", strict=False, constrain=False)
    assert statuses(result) == [status]
    assert told in result.trace[0].result
    response = engine.prompts[1].rsplit("<tool_response>\n", 1)[1]
    assert told in response
    assert "pydantic.dev" not in response
    assert result.answer == "Sorry."


def test_the_model_may_mend_its_call() -> None:
    bad = call("temperature", '{"city": "Atlantis"}')
    result, _ = run(bad, PARIS, "It is 22.")
    assert statuses(result) == ["failed", "ok"]
    assert [step.depth for step in result.trace] == [0, 1]


@pytest.mark.parametrize(
    ("verdict", "status", "told"),
    [
        (True, "ok", "gone"),
        (False, "denied", "denied"),
        ("not today", "denied", "today"),
    ],
)
def test_approval_decides_on_every_call(verdict: Any, status: str, told: str) -> None:
    asked = []

    def approve(call: Any, tool: Any) -> Any:
        asked.append((call.name, tool.requires_approval))
        return verdict

    result, engine = run(call("delete_all"), "Done.", approve=approve)
    assert asked == [("delete_all", True)]
    assert statuses(result) == [status]
    assert told in engine.prompts[1]


def test_a_slow_function_is_left_behind() -> None:
    result, _ = run(call("sleepy"), "Never mind.", timeout_s=0.05)
    assert statuses(result) == ["timeout"]
    assert "0.05 seconds" in result.trace[0].error


def test_the_depth_is_limited_and_the_conversation_stays_whole() -> None:
    calls = [call("temperature", f'{{"city": "City {n}"}}') for n in range(4)]
    result, engine = run(*calls, max_depth=2)
    assert result.stopped == "depth"
    assert statuses(result) == ["ok", "ok", "skipped"]
    assert [step.depth for step in result.trace] == [0, 1, 2]
    assert len(engine.requests) == 3
    assert isinstance(result.messages[-1], ToolMessage)
    with pytest.raises(ToolLoopError, match="depth"):
        result.require_answer()


def test_the_number_of_calls_is_limited_and_the_answer_still_comes() -> None:
    three = "\n".join(call("wind", f'{{"city": "C{n}"}}') for n in range(3))
    result, _ = run(three, "Windy.", max_calls=2)
    assert statuses(result) == ["ok", "ok", "skipped"]
    assert result.answer == "Windy."


def test_one_and_the_same_call_is_not_made_for_ever() -> None:
    result, engine = run(PARIS, PARIS, PARIS, "22.")
    assert statuses(result) == ["ok", "ok", "repeated"]
    assert "made before" in engine.prompts[3]


def test_a_forced_call_is_forced_once_only() -> None:
    result, _ = run(PARIS, "It is 22.", tool_choice="required")
    assert result.stopped == "answer"


def test_a_call_cut_by_max_tokens_ends_the_loop_and_says_so() -> None:
    result, _ = run(PARIS, max_tokens=9)
    assert result.stopped == "length"
    assert result.trace == ()


def test_a_long_result_is_cut() -> None:
    result, _ = run(PARIS, "ok", max_result_chars=2)
    assert result.trace[0].result.startswith("22\n[cut")


def test_stopping_half_way_leaves_a_conversation_to_go_on_from() -> None:
    both = PARIS + "\n" + call("wind", '{"city": "Paris"}')
    engine = ScriptedEngine([both, "Later."], strict=True)
    model = ChatModel(engine)
    loop = ToolLoop(model, ASK, [temperature, wind])
    items = iter(loop)
    while not loop.trace:
        next(items)
    items.close()
    assert [step.status for step in loop.trace] == ["ok", "skipped"]
    assert loop.result().stopped == "cancelled"
    assert model.complete([*loop.messages, UserMessage("Go on")]).text == "Later."


def test_an_engine_that_fails_keeps_what_was_done() -> None:
    engine = ScriptedEngine([PARIS, GenerationError("out of luck")])
    loop = ToolLoop(ChatModel(engine), ASK, [temperature])
    with pytest.raises(GenerationError):
        loop.run()
    assert [m.role for m in loop.messages] == ["user", "assistant", "tool"]


def test_a_generator_gives_its_items_and_its_error_is_the_calls() -> None:
    def count(up_to: int) -> Any:
        """Count.

        Args:
            up_to: The last number.
        """
        for n in range(1, up_to + 1):
            if n > 2:
                raise OverflowError("too many")
            yield n

    call = '<tool_call>\n{"name": "count", "arguments": {"up_to": N}}\n</tool_call>'
    calls = [call.replace("N", str(n)) for n in (2, 3)]
    model = ChatModel(ScriptedEngine([*calls, "Done."]))
    first, second = run_tools(model, ASK, [count]).trace
    assert (first.status, first.result) == ("ok", "[1, 2]")
    assert (second.status, second.error) == ("failed", "OverflowError: too many")


def test_what_gives_its_items_one_by_one_is_run_to_its_end() -> None:
    async def steps() -> Any:
        """Give items, as an asynchronous generator."""
        yield 1
        await asyncio.sleep(0)
        yield 2

    def floats() -> Any:
        """Give items, as an iterator."""
        return map(float, [1, 2])

    call = '<tool_call>\n{"name": "NAME", "arguments": {}}\n</tool_call>'
    calls = [call.replace("NAME", name) for name in ("steps", "floats")]

    def results() -> list[str]:
        model = ChatModel(ScriptedEngine([*calls, "Done."]))
        return [step.result for step in run_tools(model, ASK, [steps, floats]).trace]

    async def inside_of_a_loop() -> list[str]:
        return results()

    assert results() == asyncio.run(inside_of_a_loop()) == ["[1, 2]", "[1.0, 2.0]"]


def test_a_result_that_cannot_be_told_fails_the_call_only() -> None:
    class Mute:
        def __str__(self) -> str:
            raise LookupError("no words")

    def look() -> Any:
        """Look."""
        return {"at": Mute()}

    call = '<tool_call>\n{"name": "look", "arguments": {}}\n</tool_call>'
    run = run_tools(ChatModel(ScriptedEngine([call, "Done."])), ASK, [look])
    assert [(s.status, s.error) for s in run.trace] == [
        ("failed", "LookupError: no words")
    ]
    assert run.answer == "Done."


class WordlessError(Exception):
    def __str__(self) -> str:
        raise LookupError("no words")


class PanicException(BaseException):
    """What a library written in Rust raises when it panics."""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WordlessError(), "WordlessError: (its text cannot be told: LookupError)"),
        (asyncio.CancelledError(), "CancelledError: "),
        (asyncio.CancelledError("by a library"), "CancelledError: by a library"),
        (PanicException("in Rust"), "PanicException: in Rust"),
    ],
    ids=repr,
)
def test_whatever_a_function_raises_fails_the_call_only(
    error: BaseException, told: str
) -> None:
    async def look() -> str:
        """Look."""
        raise error

    run = run_tools(ChatModel(ScriptedEngine([call("look"), "Done."])), ASK, [look])
    assert [(s.status, s.error) for s in run.trace] == [("failed", told)]
    assert run.answer == "Done."


def _refuse(name: str) -> None:
    raise ValueError(name)


@pytest.mark.parametrize(
    ("does", "told"),
    [
        (lambda name: name, "report-\ufffd.txt"),
        (lambda name: [name], '["report-\ufffd.txt"]'),
        (_refuse, "ValueError: report-\ufffd.txt"),
        (lambda name: "\ud83d\ude00", "\U0001f600"),
    ],
    ids=["text", "list", "error", "a pair in two halves"],
)
def test_the_name_of_a_file_that_is_no_text_ends_no_conversation(
    does: Any, told: str
) -> None:
    def look() -> Any:
        """Look."""
        return does(os.fsdecode(b"report-\xff.txt"))

    run = run_tools(ChatModel(ScriptedEngine([call("look"), "Done."])), ASK, [look])
    assert told in run.trace[0].result
    assert run.answer == "Done."


def test_async_functions_run_inside_a_running_event_loop_too() -> None:
    async def main() -> Any:
        return run(call("wind", '{"city": "Paris"}'), "6.")[0]

    assert asyncio.run(main()).trace[0].value == 6.0


def test_what_only_returns_a_coroutine_runs_inside_a_running_event_loop_too() -> None:
    def look() -> Any:
        """Look, under a decorator that knows nothing of coroutines."""
        return asyncio.sleep(0, "seen")

    async def main() -> Any:
        return run(call("look"), "Done.", tools=[look])[0]

    assert [(s.status, s.value) for s in asyncio.run(main()).trace] == [("ok", "seen")]


def test_a_call_that_was_stopped_while_it_ran_is_not_told_as_never_made() -> None:
    def mail() -> str:
        """Send the mail."""
        raise KeyboardInterrupt

    engine = ScriptedEngine([call("mail") + "\n" + call("mail"), "Later."])
    loop = ToolLoop(ChatModel(engine), ASK, [mail])
    with pytest.raises(KeyboardInterrupt):
        loop.run()
    assert [(s.status, s.result) for s in loop.trace] == [
        (
            "interrupted",
            "The call was interrupted while it ran; what it did until then is not"
            " known",
        ),
        ("skipped", "The call was not executed: the user interrupted"),
    ]
    assert [m.role for m in loop.messages[-2:]] == ["tool", "tool"]


def test_an_approval_that_is_interrupted_has_run_nothing() -> None:
    def approve(call: Any, tool: Any) -> bool:
        raise KeyboardInterrupt

    loop = ToolLoop(
        ChatModel(ScriptedEngine([PARIS])), ASK, [temperature], approve=approve
    )
    with pytest.raises(KeyboardInterrupt):
        loop.run()
    assert [step.status for step in loop.trace] == ["skipped"]


def test_an_answer_that_was_cancelled_is_no_answer() -> None:
    class Closed(ScriptedEngine):
        """Closed by another thread after the first word."""

        def generate(self, request: Any) -> Any:
            return iter([Piece("It "), EngineFinish("cancelled", Usage(), seed=0)])

    result = run_tools(ChatModel(Closed()), ASK, [])
    assert result.stopped == "cancelled"
    with pytest.raises(ToolLoopError, match="cancelled"):
        result.require_answer()


@pytest.mark.parametrize(
    ("limit", "stopped", "hint"),
    [
        ({"max_depth": 1}, "depth", "raise max_depth"),
        ({"max_calls": 0}, "calls", "raise max_calls"),
        ({"max_tokens": 1}, "length", "raise max_tokens, or .* a longer context"),
    ],
    ids=["depth", "calls", "length"],
)
def test_what_to_raise_is_what_was_used_up(
    limit: dict[str, Any], stopped: str, hint: str
) -> None:
    result, _ = run(PARIS, PARIS, PARIS, strict=False, **limit)
    assert result.stopped == stopped
    with pytest.raises(ToolLoopError) as caught:
        result.require_answer()
    assert re.fullmatch(hint, caught.value.hint or "")


def test_events_and_steps_come_in_one_stream() -> None:
    seen: list[str] = []
    run(PARIS, "It is 22.", on_event=lambda item: seen.append(type(item).__name__))
    assert (
        seen.index("ToolCallEnded") < seen.index("ToolStep") < seen.index("TextDelta")
    )
    assert seen.count("Finish") == 2


@pytest.mark.parametrize(
    "limit",
    [
        {"max_depth": 0},
        {"max_depth": 1.5},
        {"max_repeats": 0},
        {"max_calls": -1},
        {"max_result_chars": 0},
        {"timeout_s": 0},
        {"timeout_s": True},
        {"timeout_s": "5"},
    ],
    ids=str,
)
def test_a_limit_that_is_none_is_refused_before_anything_runs(
    limit: dict[str, Any],
) -> None:
    engine = ScriptedEngine(["Hello."])
    with pytest.raises(OptionError, match=next(iter(limit))):
        run_tools(ChatModel(engine), ASK, [temperature], **limit)
    assert not engine.requests
