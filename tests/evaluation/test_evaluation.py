"""`hermes_gguf.evaluation`: what counts as right, and what a run reports."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from hermes_gguf.chat.completion import Completion
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine import load_engine
from hermes_gguf.errors import OptionError, ToolCallSyntaxError
from hermes_gguf.evaluation import ROWS, Case, Tally, load_cases, run_evaluation, score
from hermes_gguf.evaluation.cases import parse_case, render_case
from hermes_gguf.messages import (
    AssistantMessage,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from hermes_gguf.options import LoadOptions
from tests.support.tiny import tiny_model

SAIL = Tool(
    "fold_sail",
    "Fold a sail.",
    {
        "type": "object",
        "properties": {"times": {"type": "integer"}},
        "required": ["times"],
    },
)
RIGHT = ToolCall("fold_sail", {"times": 2})


def _case(row: str, expected: AssistantMessage, **more: object) -> Case:
    asked = (UserMessage("fold the sail two times"),)
    return Case(row=row, messages=asked, expected=expected, tools=(SAIL,), **more)  # type: ignore[arg-type]


def _said(text: str = "", *calls: ToolCall, complete: bool = True) -> Completion:
    message = AssistantMessage(text, calls)
    return Completion(message=message, finish_reason="stop", complete=complete)


CALL = _case("call", AssistantMessage(tool_calls=(RIGHT,)))
NO_TOOL = _case("no_tool", AssistantMessage("None of my tools can do that."))
ANSWER = _case("answer", AssistantMessage("It is 7.5."), shown=("7.5", "Ben"))
ASK = _case("ask_back", AssistantMessage("Which times should I use?"))
JSON = _case(
    "json",
    AssistantMessage('{"name": "Ben", "age": 7}'),
    json_schema={"type": "object", "required": ["age"]},
)
ONCE = _case(
    "call", AssistantMessage(tool_calls=(ToolCall("fold_sail", {"times": 1}),))
)
FLAGS = _case(
    "json",
    AssistantMessage('{"age": [true, {"on": false}]}'),
    json_schema={"type": "object", "required": ["age"]},
)


@pytest.mark.parametrize(
    ("case", "answer", "hits"),
    [
        (CALL, _said("", RIGHT), [True, True, True]),
        (CALL, _said("", ToolCall("fold_sail", {"times": 3})), [True, False, True]),
        (CALL, _said("", ToolCall("fold_sail", {"times": "2"})), [True, False, False]),
        (CALL, _said("", ToolCall("fold", {"times": 2})), [False, False, False]),
        (ONCE, _said("", ToolCall("fold_sail", {"times": 1.0})), [True, True, True]),
        (ONCE, _said("", ToolCall("fold_sail", {"times": True})), [True, False, False]),
        (CALL, _said("", RIGHT, RIGHT), [False, False, True]),
        (CALL, _said("I fold it."), [False, False]),
        (CALL, _said("<tool_call>", complete=False), [False, False, False]),
        (JSON, _said('{"age": 7, "name": "Ben"}'), [True, True]),
        (JSON, _said('{"age": 8, "name": "Ben"}'), [False, True]),
        (JSON, _said('{"name": "Ben"}'), [False, False]),
        (FLAGS, _said('{"age": [true, {"on": false}]}'), [True, True]),
        (FLAGS, _said('{"age": [1, {"on": false}]}'), [False, True]),
        (FLAGS, _said('{"age": [true, {"on": 0}]}'), [False, True]),
        (JSON, _said("Ben is 7"), [False, False]),
        (NO_TOOL, _said("I can't."), [True]),
        (NO_TOOL, _said("", RIGHT), [False]),
        (NO_TOOL, _said("I can't.", RIGHT), [False]),
        (NO_TOOL, _said("  "), [False]),
        (ANSWER, _said("For ben: it is 7.5 now."), [True]),
        (ANSWER, _said("It is 7.5 now."), [False]),
        (ANSWER, _said("Ben: 7.5, I think; 7.5."), [True]),
        (ANSWER, _said("Ben: 7.55 now."), [False]),
        (ANSWER, _said("Ben: 17.5 now."), [False]),
        (ANSWER, _said("Ben: 7.5.1 and 1.7.5 now."), [False]),
        (ANSWER, _said("Benno: 7.5 now."), [False]),
        (ASK, _said("How often?"), [True]),
        (ASK, _said("Done."), [False]),
        (ASK, _said("How often?", RIGHT), [False]),
    ],
)
def test_an_answer_is_judged_by_its_row(
    case: Case, answer: Completion, hits: list[bool]
) -> None:
    assert list(score(answer, case).values()) == hits


def test_a_call_that_cannot_be_read_is_no_answer_in_words() -> None:
    failure = ToolCallSyntaxError("no JSON", text="{", offset=0)
    message = AssistantMessage("{")
    broken = Completion(message=message, finish_reason="stop", failures=(failure,))
    assert score(broken, NO_TOOL) == {"no call when no tool fits": False}
    assert score(broken, CALL)["call valid against its schema"] is False


@pytest.mark.parametrize("row", ["several", "correction"])
def test_several_calls_must_be_all_right_and_in_order(row: str) -> None:
    other = ToolCall("fold_sail", {"times": 5})
    case = _case(row, AssistantMessage(tool_calls=(RIGHT, other)))
    assert all(score(_said("", RIGHT, other), case).values())
    for wrong in [(other, RIGHT), (RIGHT,), (RIGHT, other, other), ()]:
        assert not any(score(_said("", *wrong), case).values())


def test_wilson_intervals_are_those_of_the_textbook() -> None:
    # Source: Newcombe 1998, table I (two-sided 95 %, Wilson without correction).
    for hits, tries, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        found = Tally(hits, tries).interval()
        assert found == pytest.approx((low, high), abs=5e-5)
    assert Tally().interval() == (0.0, 1.0)


def test_the_shipped_cases_are_enough_and_turn_back_into_themselves() -> None:
    cases = load_cases(tuple(ROWS), cases=500)
    counts = Counter(case.row for case in cases)
    assert [counts[row] for row in ("call", "json", "no_tool", "answer")] == [500] * 4
    assert all(counts[row] >= 100 for row in ROWS)
    for case in cases[::50]:
        assert parse_case(render_case(case)) == case


def test_a_case_of_every_kind_of_message_turns_back_into_itself() -> None:
    case = Case(
        row="answer",
        messages=(
            SystemMessage("Be short."),
            UserMessage("Über?"),
            AssistantMessage(tool_calls=(RIGHT, RIGHT)),
            ToolMessage("1"),
            ToolMessage("2"),
        ),
        expected=AssistantMessage("12"),
        tools=(SAIL,),
        shown=("1", "2"),
    )
    line = render_case(case)
    assert "\n" not in line
    assert parse_case(line) == case


def test_every_expected_answer_of_the_shipped_cases_is_judged_right() -> None:
    for case in load_cases(tuple(ROWS), cases=500):
        perfect = Completion(message=case.expected, finish_reason="stop")
        assert all(score(perfect, case).values()), render_case(case)


def test_rows_come_in_turns_so_that_an_early_end_has_all_of_them() -> None:
    cases = load_cases(("json", "call"), cases=3)
    assert [case.row for case in cases] == ["json", "call"] * 3


@pytest.mark.parametrize(
    ("rows", "cases", "option"), [(("calls",), 1, "rows"), (("call",), 0, "cases")]
)
def test_an_unknown_row_or_no_case_is_refused(
    rows: tuple[str, ...], cases: int, option: str
) -> None:
    with pytest.raises(OptionError) as caught:
        load_cases(rows, cases=cases)
    assert caught.value.option == option


@pytest.fixture(scope="module")
def chat() -> ChatModel:
    engine = load_engine(tiny_model(), options=LoadOptions(n_ctx=2048))
    return ChatModel(engine, dialect="chatml")


def test_a_run_counts_every_line_in_both_columns(chat: ChatModel) -> None:
    seen: list[tuple[str, str]] = []
    done: list[int] = []
    report = run_evaluation(
        chat,
        load_cases(tuple(ROWS), cases=2),
        model="tiny",
        on_progress=done.append,
        on_answer=lambda case, column, answer: seen.append((case.row, column)),
    )
    n_cases = 2 * len(ROWS)
    assert done == list(range(1, n_cases + 1))
    assert report.n_done == n_cases
    assert not report.interrupted
    assert Counter(column for _, column in seen) == dict.fromkeys(
        report.columns, n_cases
    )
    lines = dict(report.rows())
    assert {line for row in ROWS.values() for line in row.lines} >= set(lines)
    assert [t.tries for t in lines["whole call exact"]] == [2, 2]
    body = json.loads(json.dumps(report.to_json()))
    assert body["columns"]["with grammar"]["lines"]["whole call exact"]["tries"] == 2


def test_an_interrupted_run_keeps_what_was_measured(chat: ChatModel) -> None:
    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    cases = load_cases(("call",), cases=4)
    report = run_evaluation(chat, cases, model="tiny", on_progress=stop)
    assert report.interrupted
    assert report.n_done == 2
    assert [t.tries for t in dict(report.rows())["whole call exact"]] == [2, 2]


def test_a_question_that_fails_is_a_miss_and_is_told(tmp_path: Path) -> None:
    options = LoadOptions(n_ctx=64)
    with load_engine(tiny_model(), options=options) as engine:
        chat = ChatModel(engine, dialect="chatml")
        cases = load_cases(("call",), cases=1)
        report = run_evaluation(chat, cases, model="tiny", grammar=(True,))
    column = report.columns["with grammar"]
    assert len(column.errors) == 1
    assert {(t.hits, t.tries) for t in column.lines.values()} == {(0, 1)}
