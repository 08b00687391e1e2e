"""How the next token is drawn: penalties here, the rest in llama.cpp's chain.

Penalties and biases touch a few dozen logits, so they are applied to these alone;
llama.cpp's own penalty sampler looks every token of the vocabulary up in a hash map.
Biases come first; the chain is top-k, top-p, min-p, temperature, draw. It knows no
grammar.

Source: order and formulas of llama.cpp's common/sampling.cpp and llama-sampler.cpp.
"""

from __future__ import annotations

import ctypes
import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...options import SamplingOptions
from .batch import Logits

_CANDIDATE = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])
_BANNED_BIAS = -100.0
#: llama.cpp takes this seed as "draw one".
_RANDOM_SEED = 0xFFFFFFFF
#: What llama.cpp can count; larger numbers would wrap around to small ones.
_MOST_TOKENS = 0x7FFFFFFF


class ChainSampler:
    """Draws tokens for one generation."""

    def __init__(
        self, lib: Any, *, n_vocab: int, options: SamplingOptions, seed: int
    ) -> None:
        self._lib = lib
        self._greedy = options.temperature == 0
        self._penalties = _Penalties(options)
        bias = options.logit_bias
        self._bias_ids = np.array([t for t, _ in bias], dtype=np.int64)
        self._bias = np.array(
            [-np.inf if b <= _BANNED_BIAS else b for _, b in bias], dtype=np.float32
        )
        self._rng = random.Random(seed)
        self._ids = np.arange(0 if self._greedy else n_vocab, dtype=np.int32)
        self._candidates = np.zeros(len(self._ids), dtype=_CANDIDATE)
        self._array = lib.llama_token_data_array()
        self._chain = None if self._greedy else _make_chain(lib, options, seed)

    def close(self) -> None:
        """Free the chain; safe to call twice."""
        if self._chain:
            self._lib.llama_sampler_free(self._chain)
            self._chain = None

    def accept(self, tokens: Sequence[int]) -> None:
        """Let the penalties see tokens that were read or chosen."""
        self._penalties.accept(tokens)

    def sample(self, logits: Logits) -> int:
        """Draw one token. Changes `logits` in place (biases, penalties)."""
        # Biases first: a repeated token that was favoured pays for the favour too.
        np.add.at(logits, self._bias_ids, self._bias)
        self._penalties.apply(logits)
        if self._greedy:
            return int(logits.argmax())
        self._candidates["id"] = self._ids
        self._candidates["logit"] = logits
        return self._draw(len(self._ids))

    def sample_among(self, logits: Logits, tokens: Sequence[int]) -> int:
        """Draw one of the distinct `tokens`; `logits` went through `sample` before."""
        ids = np.array(tokens, dtype=np.int32)
        if self._greedy:
            return int(ids[logits[ids].argmax()])
        self._candidates["id"][: len(ids)] = ids
        self._candidates["logit"][: len(ids)] = logits[ids]
        return self._draw(len(ids))

    def _draw(self, size: int) -> int:
        array = self._array
        address = self._candidates.ctypes.data
        array.data = ctypes.cast(address, type(array.data))
        array.size, array.selected, array.sorted = size, -1, False
        self._lib.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def surviving(self, tokens: Sequence[int]) -> Sequence[int]:
        """Those of `tokens` that the last draw chose among; all when it was none."""
        array = self._array
        if self._greedy or array.size == len(self._ids):
            return tokens
        kept = {array.data[index].id for index in range(array.size)}
        return [token for token in tokens if token in kept] or tokens

    def further_draws(self, logits: Logits, drawn: int) -> Iterator[int]:
        """More draws after `drawn`, none twice.

        The first legal token of `drawn` and these is distributed exactly as a draw
        among the legal tokens alone.
        """
        if self._greedy:
            yield from (t for t in likeliest(logits, 64).tolist() if t != drawn)
            return
        array = self._array
        address = ctypes.addressof(array.data.contents)
        raw = (ctypes.c_char * (array.size * _CANDIDATE.itemsize)).from_address(address)
        kept = np.frombuffer(raw, dtype=_CANDIDATE)
        ids, weights = kept["id"].copy(), kept["p"].astype(np.float64)
        weights[ids == drawn] = 0.0
        while (total := weights.sum()) > 0:
            at = int(np.searchsorted(weights.cumsum(), self._rng.random() * total))
            at = min(at, len(ids) - 1)
            weights[at] = 0.0
            yield int(ids[at])


def likeliest(logits: Logits, count: int) -> npt.NDArray[np.int64]:
    """Ids of the `count` largest logits, largest first."""
    if count >= len(logits):
        return np.argsort(-logits, kind="stable")
    top = np.argpartition(logits, -count)[len(logits) - count :]
    return top[np.argsort(-logits[top], kind="stable")]


def _make_chain(lib: Any, options: SamplingOptions, seed: int) -> Any:
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    parts = [
        options.top_k > 0
        and lib.llama_sampler_init_top_k(min(options.top_k, _MOST_TOKENS)),
        options.top_p < 1 and lib.llama_sampler_init_top_p(options.top_p, 1),
        options.min_p > 0 and lib.llama_sampler_init_min_p(options.min_p, 1),
        options.temperature != 1 and lib.llama_sampler_init_temp(options.temperature),
    ]
    for part in parts:
        if part:
            lib.llama_sampler_chain_add(chain, part)
    native_seed = seed & 0xFFFFFFFF
    if native_seed == _RANDOM_SEED:
        native_seed = 0
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_dist(native_seed))
    return chain


class _Penalties:
    """Repetition, presence and frequency penalties over the last tokens."""

    def __init__(self, options: SamplingOptions) -> None:
        self._repeat = options.repeat_penalty
        self._presence = options.presence_penalty
        self._frequency = options.frequency_penalty
        last_n = min(options.repeat_last_n, _MOST_TOKENS)
        self._active = last_n != 0 and (
            self._repeat != 1 or self._presence != 0 or self._frequency != 0
        )
        self._window: deque[int] = deque(maxlen=None if last_n < 0 else last_n)
        self._counts: Counter[int] = Counter()

    def accept(self, tokens: Sequence[int]) -> None:
        if not self._active:
            return
        limit = self._window.maxlen
        for token in tokens if limit is None else tokens[-limit:]:
            if limit is not None and len(self._window) == limit:
                oldest = self._window.popleft()
                self._counts[oldest] -= 1
                if not self._counts[oldest]:
                    del self._counts[oldest]
            self._window.append(token)
            self._counts[token] += 1

    def apply(self, logits: Logits) -> None:
        if not self._counts:
            return
        ids = np.fromiter(self._counts.keys(), dtype=np.int64)
        values = logits[ids]
        values = np.where(values <= 0, values * self._repeat, values / self._repeat)
        if self._presence or self._frequency:
            counts = np.fromiter(self._counts.values(), dtype=np.float32)
            values -= counts * self._frequency + self._presence
        logits[ids] = values
