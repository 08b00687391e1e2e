"""All measurements in order, within a budget of time.

Decides how much is measured on a machine of unknown speed; each figure is taken
elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..chat.model import ChatModel
from .answers import TURN_TOKENS, call_tokens, second_turn, tool_call
from .report import BenchReport, Measurement
from .restart import OpenModel, after_restart, read_tools
from .speed import decode, filler, prefill, read

_LENGTHS = (64, 256, 1024)
_QUICK_LENGTHS = (32, 64)
_PREFILL_S = 30.0
_TOOLS_S = 25.0
#: All of it; what would take longer is left out.
_TOTAL_S = 110.0
#: The least prompt with a function in it, about.
_LEAST_TOOLS_TOKENS = 300
_TOOLS_TOKENS = 1000
_QUICK_TOOLS_TOKENS = 100


def run_bench(
    open_model: OpenModel,
    *,
    model: str,
    quick: bool = False,
    on_step: Callable[[str], None] = lambda text: None,
    total_s: float = _TOTAL_S,
) -> BenchReport:
    """Measure a model, as far as it can be done in two minutes.

    Args:
        open_model: Loads the model; called twice. Both loads must share one empty
            disk store.
        model: Its name, for the report.
        quick: Few tokens: a look, or a test.
        on_step: Gets a line for each thing that is being measured, or left out.
        total_s: Seconds after which nothing that takes long is begun.

    Raises:
        HermesError: the model cannot be loaded or fails.
    """
    started_s = time.perf_counter()

    def left_s() -> float:
        return started_s + total_s - time.perf_counter()

    on_step("loading")
    with open_model() as chat:
        load_s = time.perf_counter() - started_s
        info = chat.engine.info
        found = [Measurement("load", "load", "load the model", load_s, "s")]
        found += _measure(chat, quick=quick, on_step=on_step, left_s=left_s)
        read_s = _read_s(found)
        needs_s = load_s + _LEAST_TOOLS_TOKENS * read_s
        restarts = _fits("reading tools", needs_s, left_s(), on_step)
        if restarts:
            most_s = min(_TOOLS_S, left_s() - load_s)
            n_tokens = _tools_tokens(most_s / read_s, info.n_ctx, quick=quick)
            tools, before = read_tools(chat, n_tokens)
    if restarts:
        on_step("loading again")
        found += after_restart(open_model, tools, before, load_s=load_s)
    return BenchReport(
        model=model,
        backend=info.backend,
        size_bytes=info.size_bytes,
        n_ctx=info.n_ctx,
        measurements=tuple(found),
        elapsed_s=time.perf_counter() - started_s,
    )


def _measure(
    chat: ChatModel,
    *,
    quick: bool,
    on_step: Callable[[str], None],
    left_s: Callable[[], float],
) -> list[Measurement]:
    engine = chat.engine
    # The first run of a model touches its pages for the first time.
    read(engine, filler(engine, 32, seed=100))
    on_step("reading prompts")
    lengths = _QUICK_LENGTHS if quick else _LENGTHS
    found = list(prefill(engine, lengths, budget_s=_PREFILL_S))
    on_step("writing")
    found.append(decode(engine, 16 if quick else 64))
    token_s, read_s = 1 / found[-1].value, _read_s(found)
    if _fits("calling a tool", call_tokens(chat) * read_s, left_s(), on_step):
        found += tool_call(chat, token_s=token_s, left_s=left_s)
    needs_s = TURN_TOKENS * read_s
    if _fits("going on with a conversation", needs_s, left_s(), on_step):
        found += second_turn(chat)
    return found


def _read_s(found: list[Measurement]) -> float:
    """Seconds to read a token, as last measured."""
    return 1 / [m.value for m in found if m.group == "read"][-1]


def _fits(
    step: str, needs_s: float, left_s: float, on_step: Callable[[str], None]
) -> bool:
    """Whether there is time for a step, which is told either way."""
    fits = needs_s <= left_s
    on_step(step if fits else f"left out: {step} (about {needs_s:.0f} s more)")
    return fits


def _tools_tokens(affordable: float, n_ctx: int, *, quick: bool) -> int:
    """Tokens of functions that can be read in the time and context there is."""
    most = _QUICK_TOOLS_TOKENS if quick else _TOOLS_TOKENS
    return min(most, int(affordable), n_ctx // 2)
