"""What a batch of n tokens costs on this machine, and how many guesses are worth it.

Pure; it learns from the batches that were decoded. Where memory is the limit, eight
tokens cost little more than one; where arithmetic is, the second costs as much as the
first, and then sixteen as much as eight. So it is measured, and guesses are taken as
long as what they save, times their chance, is more than what they add.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

#: Sizes that are told apart, and what they cost before anything was measured.
_SIZES = (1, 2, 4, 8, 16, 32, 64)
_FIRST_COSTS = (1.0, 1.3, 1.7, 2.4, 3.0, 4.4, 7.0)
#: Weight of the past. One slow decode, of a machine that was busy, counts little.
_MEMORY = 0.8
_MOST_SLOWER = 1.5
#: A guess that was not tried may be tried later: it is worth less than a decode.
_SAVED_SHARE = 0.9


class BatchCost:
    """Learns seconds per batch size."""

    def __init__(self) -> None:
        self._ratios: list[float | None] = [None] * len(_SIZES)
        self._costs = list(_FIRST_COSTS)

    def observe(self, n_tokens: int, elapsed_s: float) -> None:
        """Learn from a batch that was decoded."""
        if not 0 < n_tokens <= _SIZES[-1] or elapsed_s <= 0:
            return
        # To the nearest size, as if the shape between two sizes were known.
        after = bisect_left(_SIZES, n_tokens)
        before = max(0, after - 1)
        at = before if n_tokens**2 < _SIZES[before] * _SIZES[after] else after
        seen, old = elapsed_s / _between(_FIRST_COSTS, n_tokens), self._ratios[at]
        if old is not None:
            seen = _MEMORY * old + (1 - _MEMORY) * min(seen, _MOST_SLOWER * old)
        self._ratios[at] = seen
        self._costs = self._fill()

    @property
    def is_known(self) -> bool:
        """Whether anything was measured."""
        return any(ratio is not None for ratio in self._ratios)

    def seconds(self, n_tokens: int) -> float:
        """What a batch costs; before anything was measured, in decodes of a token."""
        return _between(self._costs, n_tokens)

    def worth(
        self, n_sure: int, chances: Sequence[float], is_chosen: Sequence[bool]
    ) -> int:
        """How many of a run of guesses to add to `n_sure` tokens of a batch.

        Args:
            n_sure: Tokens that are evaluated anyway.
            chances: For each guess, that it and all before it come true.
            is_chosen: Whether it saves a decode; text that the grammar dictates only
                saves its place in a later one.
        """
        one = self.seconds(1)
        place = min(one, (self.seconds(8) - one) / 7)
        without = self.seconds(n_sure) if n_sure else 0.0
        saved = most = 0.0
        best = 0
        for index, chance in enumerate(chances):
            saved += chance * (_SAVED_SHARE * one if is_chosen[index] else place)
            gain = saved - (self.seconds(n_sure + index + 1) - without)
            if gain > most:
                best, most = index + 1, gain
        return best

    def _fill(self) -> list[float]:
        """Costs that never fall; what was not seen is like the nearest that was."""
        known = [at for at, ratio in enumerate(self._ratios) if ratio is not None]
        costs: list[float] = []
        for at, first in enumerate(_FIRST_COSTS):
            nearest = min(known, key=lambda other: abs(other - at))
            ratio = self._ratios[nearest]
            assert ratio is not None
            costs.append(max(first * ratio, costs[-1] if costs else 0.0))
        return costs


def _between(costs: Sequence[float], n_tokens: int) -> float:
    """The cost of any size: on lines between the known ones, and beyond them."""
    at = min(max(bisect_left(_SIZES, n_tokens), 1), len(_SIZES) - 1)
    low, high = _SIZES[at - 1], _SIZES[at]
    share = (n_tokens - low) / (high - low)
    return costs[at - 1] + share * (costs[at] - costs[at - 1])
