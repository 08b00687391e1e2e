"""Plain speed and memory: decode, prefill, peak memory."""

from __future__ import annotations

import json
import random
import subprocess

from hermes_gguf.engine.llama.engine import LlamaEngine

from .library_peer import LibraryPeer
from .llama_server import LlamaServer
from .ours import answer, open_engine, without_end
from .result import Row
from .serving import OurServer
from .setting import Setting

_MIB = 1 << 20


def _random_prompt(engine: LlamaEngine, n_tokens: int, seed: int) -> list[int]:
    # Ordinary words of the vocabulary: nothing special, nothing read before.
    rng = random.Random(seed)
    return [rng.randrange(256, engine.info.n_vocab * 3 // 4) for _ in range(n_tokens)]


class _Baseline:
    """llama-bench, or the library timed in the same way."""

    def __init__(self, setting: Setting, kind: str) -> None:
        self._setting = setting
        self._library = None
        self.name = f"llama-bench {kind}"
        if setting.tools is None:
            self.name = f"{setting.peer_name}, {kind}"
            self._library = LibraryPeer(
                setting.model, n_ctx=2048, n_threads=setting.n_threads
            )

    def __enter__(self) -> _Baseline:
        if self._library is not None:
            self._library.bench(n_prompt=32, n_gen=4)
        return self

    def __exit__(self, *error: object) -> None:
        if self._library is not None:
            self._library.__exit__(None, None, None)

    def tokens_per_s(self, *, n_prompt: int, n_gen: int) -> float:
        """One repetition."""
        if self._library is not None:
            return self._library.bench(n_prompt=n_prompt, n_gen=n_gen)
        assert self._setting.tools is not None
        command = [
            str(self._setting.tools.bench), "-m", str(self._setting.model),
            "-t", str(self._setting.n_threads), "-p", str(n_prompt),
            "-n", str(n_gen), "-r", "1", "-o", "json",
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=300
        )
        return float(json.loads(done.stdout)[0]["avg_ts"])


def decode(setting: Setting) -> list[Row]:
    """Plain decode without grammar, guesses or store."""
    n_gen = 16 if setting.quick else 64
    ours, peers = [], []
    with (
        open_engine(setting.model, n_threads=setting.n_threads) as engine,
        _Baseline(setting, "tg") as peer,
    ):
        endless = without_end(engine)
        for repeat in range(-1, setting.repeats):
            prompt = _random_prompt(engine, 1, seed=repeat)
            done = answer(engine, prompt, max_tokens=n_gen + 1, sampling=endless,
                          prompt_lookup=False)  # fmt: skip
            if repeat >= 0:
                # The first token comes with the prompt: n_gen decodes follow it.
                ours.append(n_gen / done.usage.decode_s)
                peers.append(peer.tokens_per_s(n_prompt=0, n_gen=n_gen))
    title = f"plain decode of {n_gen} tokens"
    return [Row("decode", title, "tok/s", ours, peers, peer.name, bar=0.97)]


def prefill(setting: Setting) -> list[Row]:
    """A prompt that was never seen."""
    n_prompt = 128 if setting.quick else 512
    ours, peers = [], []
    with (
        open_engine(setting.model, n_threads=setting.n_threads) as engine,
        _Baseline(setting, "pp") as peer,
    ):
        for repeat in range(-1, setting.repeats):
            prompt = _random_prompt(engine, n_prompt, seed=100 + repeat)
            done = answer(engine, prompt, max_tokens=1, prompt_lookup=False)
            if repeat >= 0:
                ours.append(n_prompt / done.usage.prefill_s)
                peers.append(peer.tokens_per_s(n_prompt=n_prompt, n_gen=0))
    title = f"prefill of {n_prompt} tokens"
    return [Row("prefill", title, "tok/s", ours, peers, peer.name, bar=0.97)]


def layout(setting: Setting) -> list[Row]:
    """The file's own layout of the weights against the repacked one."""
    n_gen, n_prompt = (8, 64) if setting.quick else (48, 384)
    runs: dict[str, tuple[list[float], list[float]]] = {
        "decode": ([], []),
        "prefill": ([], []),
    }
    with (
        open_engine(setting.model, n_threads=setting.n_threads, repack=False) as plain,
        open_engine(setting.model, n_threads=setting.n_threads, repack=True) as packed,
    ):
        for repeat in range(-1, setting.repeats):
            for side, engine in enumerate((plain, packed)):
                done = answer(engine, _random_prompt(engine, n_prompt, seed=repeat),
                              max_tokens=n_gen + 1, sampling=without_end(engine),
                              prompt_lookup=False)  # fmt: skip
                if repeat >= 0:
                    runs["decode"][side].append(n_gen / done.usage.decode_s)
                    runs["prefill"][side].append(n_prompt / done.usage.prefill_s)
    return [
        Row(f"layout-{what}", f"{what} with the file's layout of weights", "tok/s",
            ours, peers, "repacked weights")
        for what, (ours, peers) in runs.items()
    ]  # fmt: skip


def memory(setting: Setting) -> list[Row]:
    """Peak memory of a serving process after one long prompt and a short answer."""
    if setting.tools is None:
        return []
    n_ctx = 4096
    text = " ".join(f"word{index}" for index in range(60 if setting.quick else 200))
    with OurServer(setting, n_ctx=n_ctx) as server:
        server.complete(text, max_tokens=16)
        ours = server.peak_rss_bytes() / _MIB
    with setting.peer(n_ctx=n_ctx) as peer:
        peer.complete(text, max_tokens=16)
        assert isinstance(peer, LlamaServer)
        peers = peer.peak_rss_bytes() / _MIB
    note = "peak resident memory, mapped weights included; bar: at most 1.1 times"
    return [Row("memory", f"peak RSS at {n_ctx} tokens of context", "MiB", [ours],
                [peers], "llama-server --cache-ram 0", higher_is_better=False,
                bar=1 / 1.1, note=note)]  # fmt: skip
