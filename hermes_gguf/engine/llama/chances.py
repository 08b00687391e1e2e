"""How often guesses of each kind come true: first as seen elsewhere, then as seen here.

Pure. Guesses are judged by what was written, whether they were tried or not. So a kind
that fails is soon not worth trying, and is back when it would have been right again.
Every answer starts anew: one that cannot be guessed says nothing of the next.
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
#: Weight of the past.
_MEMORY = 0.85


def further(kind: str) -> str:
    """The name under which the later tokens of such a guess are judged."""
    return f"{kind}+"


class Chances:
    """Learns the chance of each kind of guess in one answer."""

    def __init__(self) -> None:
        self._rates = _FIRST | {further(kind): _FURTHER for kind in _FIRST}

    def of(self, kind: str) -> float:
        """The chance that such a guess comes true."""
        return min(max(self._rates[kind], _LEAST), _MOST)

    def learn(self, kind: str, came_true: bool) -> None:
        """Hear how a guess was."""
        old = self._rates[kind]
        self._rates[kind] = _MEMORY * old + (1 - _MEMORY) * came_true
