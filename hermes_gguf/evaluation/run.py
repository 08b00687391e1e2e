"""Ask every case, with the grammar and without it, and keep the score.

Both ways of one case follow each other, so that its prompt is read only once. An
evaluation that is stopped keeps what it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..chat.completion import Completion
from ..chat.model import ChatModel
from ..errors import HermesError
from ..options import SamplingOptions
from .cases import Case
from .report import Column, EvaluationReport
from .score import ROWS, score

MAX_TOKENS = 300
GREEDY = SamplingOptions(temperature=0, repeat_penalty=1.0, seed=1)
WITHOUT, WITH = "without grammar", "with grammar"

#: Sees a case, its column and the answer that it got.
OnAnswer = Callable[[Case, str, Completion], None]


def run_evaluation(
    chat: ChatModel,
    cases: Sequence[Case],
    *,
    model: str,
    grammar: Sequence[bool] = (False, True),
    sampling: SamplingOptions = GREEDY,
    on_progress: Callable[[int], None] = lambda done: None,
    on_answer: OnAnswer = lambda case, column, answer: None,
) -> EvaluationReport:
    """Measure a model; Ctrl-C ends it early and returns what was measured.

    Args:
        chat: The model.
        cases: The questions, in the order in which they are asked.
        model: Its name, for the report.
        grammar: The ways in which each is asked: without the grammar, with it.
        sampling: How tokens are chosen; greedy unless told otherwise.
        on_progress: Gets the number of finished cases.
        on_answer: Sees every answer.
    """
    ways = {(WITH if constrain else WITHOUT): constrain for constrain in grammar}
    report = EvaluationReport(
        model=model,
        n_cases=len(cases),
        max_tokens=MAX_TOKENS,
        columns={name: Column() for name in ways},
    )
    started_s = time.perf_counter()
    try:
        for case in cases:
            for name, constrain in ways.items():
                answer = _ask(chat, case, constrain, sampling, report.columns[name])
                if answer is not None:
                    on_answer(case, name, answer)
            report.n_done += 1
            on_progress(report.n_done)
    except KeyboardInterrupt:
        report.interrupted = True
    report.elapsed_s = time.perf_counter() - started_s
    return report


def _ask(
    chat: ChatModel,
    case: Case,
    constrain: bool,
    sampling: SamplingOptions,
    column: Column,
) -> Completion | None:
    """Ask one case in one way, and count the answer; None when there was none."""
    try:
        answer = chat.complete(
            case.messages,
            tools=case.tools,
            json_schema=case.json_schema,
            sampling=sampling,
            max_tokens=MAX_TOKENS,
            constrain=constrain,
        )
    except HermesError as error:
        column.errors.append(str(error))
        column.add(dict.fromkeys(ROWS[case.row].lines, False))
        return None
    column.n_cut += answer.finish_reason == "length"
    column.add(score(answer, case))
    return answer
