"""Our side of the measurements: an engine, one answer, and its seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine import load_engine
from hermes_gguf.engine.base import EngineFinish, GenerationRequest, Piece
from hermes_gguf.engine.llama.engine import LlamaEngine
from hermes_gguf.events import Usage
from hermes_gguf.options import LoadOptions, SamplingOptions
from hermes_gguf.prompt.rendered import Prompt

GREEDY = SamplingOptions(temperature=0, repeat_penalty=1.0)


@dataclass(frozen=True)
class Answered:
    """One answer.

    Attributes:
        text: What was written.
        token_ids: Its tokens.
        wall_s: Seconds from the request to its end.
        usage: What the engine says.
        n_decodes: How often llama.cpp was called for it.
    """

    text: str
    token_ids: tuple[int, ...]
    wall_s: float
    usage: Usage
    n_decodes: int = 0


class _CountingContext:
    """The engine's context, and how many batches it decoded."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.n_decodes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def decode(self, batch: Any) -> Any:
        self.n_decodes += 1
        return self._context.decode(batch)


def _n_decodes(engine: LlamaEngine) -> int:
    return engine._worker._scheduler._context.n_decodes


@contextmanager
def open_engine(
    model: Path,
    *,
    n_threads: int,
    n_ctx: int = 4096,
    n_slots: int = 1,
    repack: bool | None = None,
    flash_attention: bool | None = None,
) -> Iterator[LlamaEngine]:
    """An engine without a disk store, so that nothing is known from before."""
    options = LoadOptions(
        n_ctx=n_ctx,
        n_slots=n_slots,
        n_threads=n_threads,
        repack=repack,
        flash_attention=flash_attention,
        disk_cache=False,
    )
    with load_engine(model, options=options) as engine:
        scheduler = engine._worker._scheduler
        scheduler._context = _CountingContext(scheduler._context)
        yield engine


def answer(
    engine: LlamaEngine,
    prompt: Prompt | Sequence[int],
    *,
    max_tokens: int | None = None,
    **options: Any,
) -> Answered:
    """Generate greedily to the end."""
    what = prompt if isinstance(prompt, Prompt) else tuple(prompt)
    request = GenerationRequest(
        prompt=what, max_tokens=max_tokens, **{"sampling": GREEDY, **options}
    )
    text, ids = "", []
    before = _n_decodes(engine)
    started = time.perf_counter()
    for item in engine.generate(request):
        if isinstance(item, Piece):
            text += item.text
            ids += item.token_ids
        elif isinstance(item, EngineFinish):
            wall_s = time.perf_counter() - started
            n_decodes = _n_decodes(engine) - before
            return Answered(text, tuple(ids), wall_s, item.usage, n_decodes)
    raise RuntimeError("the generation ended without a finish")


def without_end(engine: LlamaEngine) -> SamplingOptions:
    """Greedy, and the model may not end its answer."""
    bans = tuple((token, -1000.0) for token in sorted(engine._vocabulary.eog))
    return SamplingOptions(temperature=0, repeat_penalty=1.0, logit_bias=bans)


def prompt_ids(engine: LlamaEngine, prompt: Prompt) -> list[int]:
    """The tokens that the engine reads, BOS included: what the peers get too."""
    return engine._prompt_ids(prompt)


def chat_model(engine: LlamaEngine) -> ChatModel:
    """A chat model in the plain Hermes 2 Pro setting."""
    return ChatModel(engine, dialect="chatml")
