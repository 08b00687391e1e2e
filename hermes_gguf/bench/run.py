"""All measurements in order, within a budget of time.

Decides how much is measured on a machine of unknown speed; each figure is taken
elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..chat.model import ChatModel
from .answers import second_turn, tool_call
from .report import BenchReport, Measurement
from .restart import OpenModel, after_restart, read_tools
from .speed import decode, filler, prefill, read

_LENGTHS = (64, 256, 1024)
_QUICK_LENGTHS = (32, 64)
_PREFILL_S = 30.0
_TOOLS_S = 25.0
_TOOLS_TOKENS = 1000
_QUICK_TOOLS_TOKENS = 100


def run_bench(
    open_model: OpenModel,
    *,
    model: str,
    quick: bool = False,
    on_step: Callable[[str], None] = lambda text: None,
) -> BenchReport:
    """Measure a model; under two minutes on a machine that can hold it.

    Args:
        open_model: Loads the model; called twice. Both loads must share one empty
            disk store.
        model: Its name, for the report.
        quick: Few tokens: a look, or a test.
        on_step: Gets a line for each thing that is being measured.

    Raises:
        HermesError: the model cannot be loaded or fails.
    """
    started_s = time.perf_counter()
    on_step("loading")
    with open_model() as chat:
        load_s = time.perf_counter() - started_s
        info = chat.engine.info
        found = [Measurement("load", "load", "load the model", load_s, "s")]
        found += _measure(chat, quick=quick, on_step=on_step)
        on_step("reading tools")
        tools, before = read_tools(chat, _tools_tokens(found, info.n_ctx, quick=quick))
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
    chat: ChatModel, *, quick: bool, on_step: Callable[[str], None]
) -> list[Measurement]:
    engine = chat.engine
    # The first run of a model touches its pages for the first time.
    read(engine, filler(engine, 32, seed=100))
    on_step("reading prompts")
    lengths = _QUICK_LENGTHS if quick else _LENGTHS
    found = list(prefill(engine, lengths, budget_s=_PREFILL_S))
    on_step("writing")
    found.append(decode(engine, 16 if quick else 64))
    on_step("calling a tool")
    found += tool_call(chat)
    on_step("going on with a conversation")
    found += second_turn(chat)
    return found


def _tools_tokens(found: list[Measurement], n_ctx: int, *, quick: bool) -> int:
    """Tokens of functions that can be read in the time and context there is."""
    if quick:
        return min(_QUICK_TOOLS_TOKENS, n_ctx // 2)
    speeds = [m.value for m in found if m.group == "read"]
    affordable = int(_TOOLS_S * speeds[-1]) if speeds else _QUICK_TOOLS_TOKENS
    return min(_TOOLS_TOKENS, affordable, n_ctx // 2)
