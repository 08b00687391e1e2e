"""How often guesses of each kind come true: first as seen elsewhere, then as seen here.

Pure. Guesses are judged by what was written, whether they were tried or not. So a kind
that fails is soon not worth trying, and is back when it would have been right again.
"""

from __future__ import annotations

#: Kind → chance; found with the calls of the Berkeley leaderboard and seven records.
_FIRST = {
    "held": 0.95,
    "dictated": 0.98,
    "sure": 0.85,
    "likely": 0.7,
    "doubtful": 0.5,
    "item": 0.8,
    "rest": 0.75,
    "closing": 0.7,
    "choice": 0.7,
    "lookup": 0.4,
    "model": 0.7,
}
#: The chance of each further token of the same guess.
_FURTHER = 0.9
_LEAST, _MOST = 0.02, 0.99
#: Weight of the past, in one answer and over all answers.
_MEMORY, _LONG_MEMORY = 0.85, 0.97


def further(kind: str) -> str:
    """The name under which the later tokens of such a guess are judged."""
    return f"{kind}+"


class Chances:
    """Learns the chance of each kind of guess.

    Args:
        start: What is known of all answers; None makes a new record of that.
    """

    def __init__(self, start: Chances | None = None) -> None:
        self._start = start
        self._memory = _MEMORY if start else _LONG_MEMORY
        if start is None:
            self._rates = _FIRST | {further(kind): _FURTHER for kind in _FIRST}
        else:
            self._rates = dict(start._rates)

    def of(self, kind: str) -> float:
        """The chance that such a guess comes true."""
        return min(max(self._rates[kind], _LEAST), _MOST)

    def learn(self, kind: str, came_true: bool) -> None:
        """Hear how a guess was; what all answers share learns with this one."""
        old = self._rates[kind]
        self._rates[kind] = self._memory * old + (1 - self._memory) * came_true
        if self._start is not None:
            self._start.learn(kind, came_true)
