"""Plain speed and memory: decode, prefill, peak memory."""

from __future__ import annotations

import json
import random
import subprocess

from hermes_gguf.engine.llama.engine import LlamaEngine

from .llama_server import peak_rss_bytes
from .ours import answer, open_engine, without_end
from .result import Row
from .serving import OurServer
from .setting import Setting

_MIB = 1 << 20


def _random_prompt(engine: LlamaEngine, n_tokens: int, seed: int) -> list[int]:
    # Ordinary words of the vocabulary: nothing special, nothing read before.
    rng = random.Random(seed)
    return [rng.randrange(256, engine.info.n_vocab * 3 // 4) for _ in range(n_tokens)]


def _llama_bench(setting: Setting, *, n_prompt: int, n_gen: int) -> float:
    """Tokens/s of one repetition, after its own warm-up."""
    done = subprocess.run(
        [str(setting.tools.bench), "-m", str(setting.model), "-t",
         str(setting.n_threads), "-p", str(n_prompt), "-n", str(n_gen), "-r", "1",
         "-o", "json"],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return float(json.loads(done.stdout)[0]["avg_ts"])


def decode(setting: Setting) -> list[Row]:
    """Plain decode without grammar, guesses or store."""
    n_gen = 16 if setting.quick else 64
    ours, peers = [], []
    with open_engine(setting.model, n_threads=setting.n_threads) as engine:
        endless = without_end(engine)
        for repeat in range(-1, setting.repeats):
            prompt = _random_prompt(engine, 1, seed=repeat)
            done = answer(engine, prompt, max_tokens=n_gen + 1, sampling=endless,
                          prompt_lookup=False)  # fmt: skip
            if repeat >= 0:
                # The first token comes with the prompt: n_gen decodes follow it.
                ours.append(n_gen / done.usage.decode_s)
                peers.append(_llama_bench(setting, n_prompt=0, n_gen=n_gen))
    title = f"plain decode of {n_gen} tokens"
    return [Row("decode", title, "tok/s", ours, peers, "llama-bench tg", bar=0.97)]


def prefill(setting: Setting) -> list[Row]:
    """A prompt that was never seen."""
    n_prompt = 128 if setting.quick else 512
    ours, peers = [], []
    with open_engine(setting.model, n_threads=setting.n_threads) as engine:
        for repeat in range(-1, setting.repeats):
            prompt = _random_prompt(engine, n_prompt, seed=100 + repeat)
            done = answer(engine, prompt, max_tokens=1, prompt_lookup=False)
            if repeat >= 0:
                ours.append(n_prompt / done.usage.prefill_s)
                peers.append(_llama_bench(setting, n_prompt=n_prompt, n_gen=0))
    title = f"prefill of {n_prompt} tokens"
    return [Row("prefill", title, "tok/s", ours, peers, "llama-bench pp", bar=0.97)]


def memory(setting: Setting) -> list[Row]:
    """Peak memory of a serving process after one long prompt and a short answer."""
    n_ctx = 4096
    text = " ".join(f"word{index}" for index in range(60 if setting.quick else 200))
    with OurServer(setting, n_ctx=n_ctx) as server:
        server.complete(text, max_tokens=16)
        ours = server.peak_rss_bytes() / _MIB
    with setting.server(n_ctx=n_ctx) as peer:
        peer.complete(text, max_tokens=16)
        assert peer.process is not None
        peers = peak_rss_bytes(peer.process.pid) / _MIB
    note = "peak resident memory, mapped weights included; bar: at most 1.1 times"
    return [Row("memory", f"peak RSS at {n_ctx} tokens of context", "MiB", [ours],
                [peers], "llama-server --cache-ram 0", higher_is_better=False,
                bar=1 / 1.1, note=note)]  # fmt: skip
