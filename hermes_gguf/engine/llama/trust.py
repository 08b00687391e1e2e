"""Whether a kind of guess pays: it rests for a while when it seldom comes true.

Pure. A guess that fails has cost its share of a decode, one that holds has saved
decodes; so it takes well under half of them to pay.
"""

from __future__ import annotations

_FIRST_RATE = 0.6
_MEMORY = 0.7
_REST_STEPS = 12


class Trust:
    """The record of one kind of guess.

    Args:
        least_rate: Share of guesses that must come true.
    """

    def __init__(self, least_rate: float = 0.3) -> None:
        self._least_rate = least_rate
        self._rate = _FIRST_RATE
        self._rest_steps = 0

    def may_guess(self) -> bool:
        """Whether to guess now; asked once before each guess."""
        if self._rest_steps:
            self._rest_steps -= 1
        return not self._rest_steps

    def learn(self, share_right: float) -> None:
        """Hear what share of a guess came true."""
        self._rate = _MEMORY * self._rate + (1 - _MEMORY) * share_right
        if self._rate < self._least_rate:
            # After the rest one success is enough to go on.
            self._rest_steps = _REST_STEPS + 1
            self._rate = min(_FIRST_RATE, 2 * self._least_rate)
