"""How many prompt tokens the next batch may hold, so that nobody waits long.

Pure: it learns the reading speed and turns a time into tokens. A chunk of half a
minute would hide progress, delay a cancel's cleanup, and stall every other answer.
"""

from __future__ import annotations

_ALONE_S = 2.0
_WITH_OTHERS_S = 0.3
_LEAST_TOKENS = 32
_ALONE_LEAST_TOKENS = 128
_SMOOTHING = 0.5


class Pace:
    """Learns tokens per second from the batches that were evaluated."""

    def __init__(self, n_batch: int) -> None:
        self._n_batch = n_batch
        self._tokens_per_s = 0.0

    def observe(self, n_tokens: int, elapsed_s: float) -> None:
        """Learn from a batch; small ones say little about reading speed."""
        if n_tokens < _LEAST_TOKENS or elapsed_s <= 0:
            return
        speed = n_tokens / elapsed_s
        if self._tokens_per_s:
            speed = _SMOOTHING * speed + (1 - _SMOOTHING) * self._tokens_per_s
        self._tokens_per_s = speed

    def chunk_tokens(self, *, others_wait: bool) -> int:
        """Prompt tokens for the next batch; `others_wait` means answers are running."""
        least = _LEAST_TOKENS if others_wait else _ALONE_LEAST_TOKENS
        if not self._tokens_per_s:
            return min(least, self._n_batch)
        target_s = _WITH_OTHERS_S if others_wait else _ALONE_S
        wanted = int(target_s * self._tokens_per_s)
        # Multiples of 32 keep llama.cpp's matrix kernels full.
        return min(max(wanted // 32 * 32, least), self._n_batch)

    def reading_s(self, n_tokens: int) -> float:
        """Seconds that reading so many tokens takes; 0 while nothing is known."""
        return n_tokens / self._tokens_per_s if self._tokens_per_s else 0.0
