"""What a right answer is: the rows of the evaluation and the lines that they fill.

One answer may fill several lines: a call can have the right function and a wrong
argument. Nothing here asks a model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..chat.check import is_valid_call, schema_problem
from ..chat.completion import Completion
from .cases import Case

#: Line of the table → whether the answer was a hit; a line may be left out.
Hits = dict[str, bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of question.

    Attributes:
        about: What it asks for, in a few words.
        lines: The lines of the table that it fills.
        judge: Fills them for one answer.
    """

    about: str
    lines: tuple[str, ...]
    judge: Callable[[Completion, Case], Hits]


FUNCTION = "right function among 3 to 6"
EXACT_CALL = "whole call exact"
VALID_CALL = "call valid against its schema"
EXACT_JSON = "JSON mode: every field exact"
VALID_JSON = "JSON mode: valid by schema"
NO_CALL = "no call when no tool fits"
RESULT = "the sentence has the result"
SEVERAL = "several calls, all exact"
CORRECTION = "correction, all exact"
ASKS_BACK = "asks back for a missing value"


def score(answer: Completion, case: Case) -> Hits:
    """Judge one answer by the rules of its row."""
    return ROWS[case.row].judge(answer, case)


def _judge_call(answer: Completion, case: Case) -> Hits:
    expected, calls = case.expected.tool_calls, answer.tool_calls
    hits = {
        FUNCTION: [c.name for c in calls] == [c.name for c in expected],
        EXACT_CALL: _are_exact(answer, case),
    }
    # Words in place of a call are a miss of the function, not an invalid call.
    if calls or answer.failures or not answer.complete:
        hits[VALID_CALL] = _are_valid(answer, case)
    return hits


def _are_exact(answer: Completion, case: Case) -> bool:
    """Whether the calls are the expected ones, in order."""
    found, expected = (
        [[call.name, call.arguments] for call in calls]
        for calls in (answer.tool_calls, case.expected.tool_calls)
    )
    return _is_same(found, expected)


def _is_same(value: Any, expected: Any) -> bool:
    """Whether two JSON values are equal: 1 is 1.0, but not true, as in Python."""
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if isinstance(value, Mapping) and isinstance(expected, Mapping):
        return value.keys() == expected.keys() and all(
            _is_same(value[key], expected[key]) for key in value
        )
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(_is_same, value, expected))
    return bool(value == expected)


def _are_valid(answer: Completion, case: Case) -> bool:
    return (
        answer.complete
        and not answer.failures
        and all(is_valid_call(call, case.tools) for call in answer.tool_calls)
    )


def _judge_json(answer: Completion, case: Case) -> Hits:
    assert case.json_schema is not None
    try:
        value = json.loads(answer.text)
    except ValueError:
        return {EXACT_JSON: False, VALID_JSON: False}
    return {
        EXACT_JSON: _is_same(value, json.loads(case.expected.content)),
        VALID_JSON: not schema_problem(value, case.json_schema),
    }


def _speaks(answer: Completion) -> bool:
    """Whether it answers in words alone."""
    return bool(answer.text.strip()) and not (answer.tool_calls or answer.failures)


def _judge_no_call(answer: Completion, case: Case) -> Hits:
    return {NO_CALL: _speaks(answer)}


def _judge_sentence(answer: Completion, case: Case) -> Hits:
    told = all(_stands_in(text, answer.text) for text in case.shown)
    return {RESULT: told and _speaks(answer)}


def _stands_in(text: str, answer: str) -> bool:
    """Whether a text stands there by itself: 4 is neither in 45 nor in 4.5."""
    alone = rf"(?<!\w)(?<!\d[.,]){re.escape(text)}(?!\w|[.,]\d)"
    return re.search(alone, answer, re.IGNORECASE) is not None


def _judge_calls(line: str) -> Callable[[Completion, Case], Hits]:
    """A judge that fills `line`: are all calls exact?"""
    return lambda answer, case: {line: _are_exact(answer, case)}


def _judge_ask_back(answer: Completion, case: Case) -> Hits:
    return {ASKS_BACK: _speaks(answer) and "?" in answer.text}


#: Every row, in the order of the table.
ROWS: dict[str, Row] = {
    "call": Row("one call", (FUNCTION, EXACT_CALL, VALID_CALL), _judge_call),
    "json": Row("JSON mode", (EXACT_JSON, VALID_JSON), _judge_json),
    "no_tool": Row("no tool fits", (NO_CALL,), _judge_no_call),
    "answer": Row("tell a result", (RESULT,), _judge_sentence),
    "several": Row("several calls at once", (SEVERAL,), _judge_calls(SEVERAL)),
    "correction": Row("a corrected request", (CORRECTION,), _judge_calls(CORRECTION)),
    "ask_back": Row("a value is missing", (ASKS_BACK,), _judge_ask_back),
}
