"""`hermes_gguf.bench`: what is measured, and that figures mean what they say.

Never how fast: that is the machine's business.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hermes_gguf.bench import BenchReport, Measurement, render_plot, run_bench
from hermes_gguf.bench.answers import tool_call
from hermes_gguf.bench.speed import filler, prefill
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine.llama import recall
from hermes_gguf.engine.load import load_engine
from hermes_gguf.options import LoadOptions
from tests.support.random_gguf import write_random_gguf


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_gguf(tmp_path_factory.mktemp("bench") / "random.gguf")


class Opener:
    """Opens the random model, and keeps count."""

    def __init__(self, path: Path, store: Path) -> None:
        self.path, self.store = path, store
        self.opened = self.closed = 0

    @contextmanager
    def __call__(self) -> Iterator[ChatModel]:
        self.opened += 1
        options = LoadOptions(n_ctx=2048, n_threads=1)
        with load_engine(self.path, options=options, cache_dir=self.store) as engine:
            yield ChatModel(engine, dialect="chatml")
        self.closed += 1


def test_every_figure_is_there_and_is_a_positive_number(
    model_path: Path, tmp_path: Path
) -> None:
    opener = Opener(model_path, tmp_path)
    steps: list[str] = []
    report = run_bench(opener, model="random", quick=True, on_step=steps.append)
    assert [m.key for m in report.measurements] == [
        "load", "prefill_32", "prefill_64", "decode", "call", "call_stepwise",
        "turn_tokens", "turn", "restart_cold", "restart_kept",
    ]  # fmt: skip
    assert all(math.isfinite(m.value) and m.value > 0 for m in report.measurements)
    assert opener.opened == opener.closed == 2
    assert steps[0] == "loading"
    assert json.loads(json.dumps(report.to_json()))["model"] == "random"


def test_a_call_is_partly_forced_and_a_turn_partly_read(
    model_path: Path, tmp_path: Path
) -> None:
    report = run_bench(Opener(model_path, tmp_path), model="random", quick=True)
    call, turn = report.find("call"), report.find("turn_tokens")
    assert call is not None
    assert turn is not None
    forced, of, written, *_ = call.note.split()
    assert of == "of"
    assert 0 < int(forced) < int(written)
    assert 0 < turn.value < int(turn.note.split()[1])


def test_a_kept_prompt_is_found_after_the_restart(
    model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "DISK_WORTH_S", 0.0)
    report = run_bench(Opener(model_path, tmp_path), model="random", quick=True)
    kept = report.find("restart_kept")
    assert kept is not None
    cached, _, total, *_ = kept.note.split()
    assert 0.5 * int(total) < int(cached) < int(total)


def test_a_prompt_that_was_not_kept_is_called_so(
    model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "DISK_WORTH_S", 1e9)
    report = run_bench(Opener(model_path, tmp_path), model="random", quick=True)
    kept = report.find("restart_kept")
    assert kept is not None
    assert kept.note.startswith("not kept")


def test_a_slow_machine_reads_less(model_path: Path, tmp_path: Path) -> None:
    with Opener(model_path, tmp_path)() as chat:
        lengths = (16, 64, 256, 5000)
        all_of_it = list(prefill(chat.engine, lengths, budget_s=1e9))
        hurried = list(prefill(chat.engine, lengths, budget_s=1e-6))
    assert [m.key for m in all_of_it] == ["prefill_16", "prefill_64", "prefill_256"]
    assert [m.key for m in hurried] == ["prefill_16"]


def test_what_would_take_too_long_is_left_out_and_named(
    model_path: Path, tmp_path: Path
) -> None:
    opener = Opener(model_path, tmp_path)
    steps: list[str] = []
    report = run_bench(opener, model="r", quick=True, on_step=steps.append, total_s=0)
    keys = [m.key for m in report.measurements]
    assert keys == ["load", "prefill_32", "prefill_64", "decode"]
    left_out = [step.split(" (")[0] for step in steps if step.startswith("left out")]
    assert left_out == [
        "left out: calling a tool",
        "left out: going on with a conversation",
        "left out: reading tools",
    ]
    assert opener.opened == opener.closed == 1
    render_plot(report)


def test_a_call_token_by_token_is_made_only_if_there_is_time(
    model_path: Path, tmp_path: Path
) -> None:
    with Opener(model_path, tmp_path)() as chat:
        (call,) = tool_call(chat, token_s=100.0, left_s=lambda: 60.0)
    assert "token by token it would take about" in call.note


def test_made_up_text_has_the_length_and_shares_no_beginning(
    model_path: Path, tmp_path: Path
) -> None:
    with Opener(model_path, tmp_path)() as chat:
        texts = [filler(chat.engine, 300, seed=seed) for seed in (1, 2, 3)]
    assert [len(text) for text in texts] == [300] * 3
    assert len({text[:1] for text in texts}) == 3


def _report(*measurements: Measurement) -> BenchReport:
    return BenchReport(
        model="a <b> & c",
        backend="CPU",
        size_bytes=1,
        n_ctx=8,
        measurements=measurements,
        elapsed_s=1.0,
    )


def test_the_plot_is_well_formed_and_its_bars_are_to_scale() -> None:
    report = _report(
        Measurement("call", "call", "fast <call>", 1.0, "s"),
        Measurement("call_stepwise", "call", "slow", 4.0, "s"),
        Measurement("turn_tokens", "turn", "not a duration", 7.0, "tokens"),
    )
    root = ElementTree.fromstring(render_plot(report))
    spoken = {node.text for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"fast <call>", "slow", "1 s", "4 s", "a <b> & c on CPU"} <= spoken
    assert "not a duration" not in spoken
    bars = [
        float(node.attrib["width"])
        for node in root.iter("{http://www.w3.org/2000/svg}rect")
        if node.attrib["class"] == "b"
    ]
    assert bars[1] == pytest.approx(4 * bars[0])
