"""Reading and writing without a conversation: prefill and decode.

Prompts are token ids of made-up text of an exact length. It knows engines, not chats.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.base import Engine, EngineFinish, GenerationRequest
from ..errors import EngineError
from ..events import Usage
from ..options import SamplingOptions
from ..tags import TURN_ENDS
from .report import Measurement

_WORDS = (
    "river", "letter", "because", "seven", "yellow", "to", "market", "often", "under",
    "glass", "winter", "of", "number", "slowly", "the", "garden", "answer", "between",
)  # fmt: skip
_BANNED = -1000.0
#: Writing may take this long.
_DECODE_S = 10.0


def filler(engine: Engine, n_tokens: int, *, seed: int) -> tuple[int, ...]:
    """`n_tokens` ids of text that no other seed begins with."""
    words = [f"{seed}:"]
    while True:
        offset = 7 * len(words) + seed
        words += [_WORDS[(offset + i * i) % len(_WORDS)] for i in range(n_tokens)]
        ids = engine.tokenize(" ".join(words))
        if len(ids) >= n_tokens:
            return tuple(ids[:n_tokens])


def read(engine: Engine, prompt: tuple[int, ...]) -> Usage:
    """Read a prompt and choose one token."""
    return _run(engine, GenerationRequest(prompt=prompt, max_tokens=1))


def prefill(
    engine: Engine, lengths: tuple[int, ...], *, budget_s: float
) -> Iterator[Measurement]:
    """Reading speed at the lengths that the budget and the context allow."""
    per_token_s = 0.0
    for index, length in enumerate(lengths):
        if per_token_s * length > budget_s or length + 1 > engine.info.n_ctx:
            continue
        usage = read(engine, filler(engine, length, seed=101 + index))
        budget_s -= usage.prefill_s
        per_token_s = usage.prefill_s / length
        speed = length / max(usage.prefill_s, 1e-9)
        title = f"read {length} tokens"
        yield Measurement(f"prefill_{length}", "read", title, speed, "tok/s")


def decode(engine: Engine, n_tokens: int) -> Measurement:
    """Writing speed, one token after the other: no grammar and no guesses."""
    bans = _end_bans(engine)
    n_tokens = min(n_tokens, engine.info.n_ctx - 32)
    # A slow machine writes fewer tokens, and its figure is as good.
    step_s = 1 / _write(engine, 4, bans)
    n_tokens = max(4, min(n_tokens, int(_DECODE_S / step_s)))
    speed = _write(engine, n_tokens, bans)
    return Measurement("decode", "write", f"write {n_tokens} tokens", speed, "tok/s")


def _write(engine: Engine, n_tokens: int, bans: tuple[tuple[int, float], ...]) -> float:
    """Tokens per second after a short prompt."""
    request = GenerationRequest(
        prompt=filler(engine, 16, seed=200 + n_tokens),
        sampling=SamplingOptions(temperature=0, logit_bias=bans),
        # The first token comes with the prompt; only the others are decoded.
        max_tokens=n_tokens + 1,
        prompt_lookup=False,
    )
    usage = _run(engine, request)
    return max(usage.completion_tokens - 1, 1) / max(usage.decode_s, 1e-9)


def _end_bans(engine: Engine) -> tuple[tuple[int, float], ...]:
    """Biases under which the model does not end its answer."""
    ends = {
        ids[0]
        for mark in TURN_ENDS
        if len(ids := engine.tokenize(mark, mode="markup")) == 1
    }
    eos = engine.info.metadata.get("tokenizer.ggml.eos_token_id", "")
    ends |= {int(eos)} if eos.isdigit() else set()
    return tuple((token, _BANNED) for token in sorted(ends))


def _run(engine: Engine, request: GenerationRequest) -> Usage:
    for item in engine.generate(request):
        if isinstance(item, EngineFinish):
            return item.usage
    raise EngineError("The engine was closed while it was measured.")
