"""What `scripts/bench_peers` measures with: its cases, its teacher, its sums."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.grammar.compile import compile_schema
from hermes_gguf.grammar.tool_calls import tool_call_constraint
from scripts.bench import cases
from scripts.bench.ours import answer, chat_model, open_engine
from scripts.bench.result import Row, render_table
from scripts.bench.teacher import teacher_forced
from tests.support.random_gguf import write_random_gguf


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    path = write_random_gguf(tmp_path_factory.mktemp("peers") / "random.gguf")
    with open_engine(path, n_threads=1, n_ctx=2048) as engine:
        yield engine


def _accepts(tools: tuple, text: str) -> bool:
    constraint = tool_call_constraint(tools, choice="required", parallel=False)
    assert constraint is not None
    state = constraint.start().advance(text.encode())
    return state is not None and state.may_end


@pytest.mark.parametrize("case", [cases.CARD, *cases.OWN], ids=lambda c: c.name)
def test_the_grammar_of_its_tools_accepts_every_target(case) -> None:
    assert _accepts(case.tools, case.target)


def test_every_case_of_the_leaderboard_is_a_call_of_its_tools() -> None:
    chosen = cases.call_cases(20)
    if chosen[0] in cases.OWN:
        pytest.skip("reference data shared/bfcl is not beside this checkout")
    assert len({case.name for case in chosen}) == 20
    assert [case.name for case in chosen if not _accepts(case.tools, case.target)] == []


def test_bounded_values_end_by_themselves(engine: LlamaEngine) -> None:
    case = cases.CARD
    tools = case.narrowed_tools()
    constraint = tool_call_constraint(tools, choice="required", parallel=False)
    prompt = chat_model(engine).render(case.messages)
    done = answer(engine, prompt, constraint=constraint, max_tokens=400)
    arguments = json.loads(done.text.split("\n")[1])["arguments"]
    assert len(arguments["location"]) == len(case.arguments["location"])


def test_every_value_of_the_record_stands_once_in_its_text() -> None:
    text = " ".join(cases.record_text().split())
    assert [v for v in cases.RECORD.values() if text.count(v) != 1] == []
    written = json.dumps(cases.RECORD)
    assert compile_schema(cases.RECORD_SCHEMA).accepts(written)


@pytest.mark.parametrize("jump_forward", [True, False])
def test_a_taught_model_writes_the_text_and_stops(
    engine: LlamaEngine, jump_forward: bool
) -> None:
    case = cases.CARD
    prompt = chat_model(engine).render(case.messages, tools=case.tools)
    constraint = tool_call_constraint(case.tools, choice="required", parallel=False)
    with teacher_forced(engine, case.target):
        done = answer(engine, prompt, constraint=constraint, jump_forward=jump_forward)
    assert done.text == case.target
    assert bool(done.usage.forced_tokens) is jump_forward


def test_the_teacher_leaves_with_the_block(engine: LlamaEngine) -> None:
    with teacher_forced(engine, "Lisbon"):
        taught = answer(engine, chat_model(engine).render(cases.CARD.messages))
    free = answer(engine, chat_model(engine).render(cases.CARD.messages), max_tokens=9)
    assert taught.text == "Lisbon"
    assert free.text != "Lisbon"


@pytest.mark.parametrize(
    ("higher_is_better", "ours", "peers", "ratio"),
    [
        (True, [3.0, 2.0, 4.0], [1.0, 1.0, 1.0], 3.0),
        (False, [1.0, 1.0, 2.0], [2.0, 3.0, 8.0], 3.0),
        (False, [1.0, 1.0, 1.0], [4.0], 4.0),
    ],
)
def test_a_ratio_says_how_many_times_better_we_are(
    higher_is_better, ours, peers, ratio
) -> None:
    row = Row("k", "t", "s", ours, peers, "peer", higher_is_better, bar=ratio)
    assert row.ratio == ratio
    assert row.verdict == "pass"
    row.bar = ratio * 1.01
    assert row.verdict == "FAIL"
    assert "| FAIL |" in render_table([row])
