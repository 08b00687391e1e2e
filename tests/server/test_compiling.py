"""Schemas that take long to compile, beside everybody else's answers."""

from __future__ import annotations

import threading

import openai
import pytest

from hermes_gguf.chat import answer_form
from hermes_gguf.errors import SchemaBudgetError
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.tool_calls import tool_call_constraint
from hermes_gguf.grammar.watch import let_look_on, watched_by
from hermes_gguf.messages import Tool
from hermes_gguf.server import compiling
from hermes_gguf.server.compiling import Compiling, GoneError

from .asking import ask, health

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}


def forever() -> None:
    while True:
        let_look_on()


def in_thread(compilation: Compiling, work) -> tuple[threading.Thread, list[object]]:
    """A thread that works, and what came of it once it has ended."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(compilation.run(work))
        except GoneError as error:
            came.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, came


def test_one_that_is_quick_waits_for_nobody():
    turn = threading.Lock()
    with turn:
        grammar = Compiling(turn).run(lambda: compile_schema(SCHEMA))
    assert grammar.accepts('{"n": 1}')


def test_one_that_takes_long_waits_for_its_turn_and_passes_it_on(monkeypatch):
    monkeypatch.setattr(compiling, "_QUICK_S", -1)
    turn = threading.Lock()
    with turn:
        thread, came = in_thread(Compiling(turn), let_look_on)
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(10)
    assert came == [None]
    assert not turn.locked()


@pytest.mark.parametrize("quick_s", [-1, 1000], ids=["in the queue", "at work"])
def test_one_whose_client_left_ends(monkeypatch, quick_s):
    monkeypatch.setattr(compiling, "_QUICK_S", quick_s)
    turn = threading.Lock()
    with turn:
        compilation = Compiling(turn)
        thread, came = in_thread(compilation, forever)
        assert not came
        compilation.leave()
        thread.join(10)
    assert isinstance(came[0], GoneError)


def test_all_schemas_of_a_request_share_one_budget_and_the_tool_is_named(monkeypatch):
    monkeypatch.setattr(compiling, "MOST_S", 0.0)
    tools = [Tool("look_up", "", SCHEMA)]
    with pytest.raises(SchemaBudgetError, match="look_up") as caught:
        Compiling(threading.Lock()).run(lambda: tool_call_constraint(tools))
    assert caught.value.tool == "look_up"


def test_a_long_compilation_can_be_looked_on_and_ended():
    looks = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise GoneError

    names = {f"a{n}": {"enum": list(range(n, n + 5))} for n in range(300)}
    with pytest.raises(GoneError), watched_by(look):
        compile_schema({"type": "object", "properties": names, "maxProperties": 9})
    assert len(looks) == 3
    let_look_on()
    assert len(looks) == 3, "nobody looks on any more"


def test_a_client_that_leaves_ends_the_compilation_and_others_are_answered(
    serve, monkeypatch
):
    ended = threading.Event()

    def compile_for_ever(*_: object, **__: object) -> None:
        try:
            forever()
        finally:
            ended.set()

    served = serve("hi")
    with monkeypatch.context() as patch:
        patch.setattr(answer_form, "tool_call_constraint", compile_for_ever)
        named = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
        with pytest.raises(openai.APITimeoutError):
            ask(served, response_format=named, timeout=0.5)
    assert ended.wait(10)
    assert health(served)["status"] == "ok"
    assert ask(served).choices[0].message.content == "hi"
