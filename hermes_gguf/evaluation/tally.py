"""Counts, and how much they can be trusted: Wilson's interval for a proportion."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt


@dataclass
class Tally:
    """Hits among tries."""

    hits: int = 0
    tries: int = 0

    def add(self, hit: bool) -> None:
        """Count one try."""
        self.hits += hit
        self.tries += 1

    @property
    def share(self) -> float:
        """Hits for each try; 0 where nothing was tried."""
        return self.hits / self.tries if self.tries else 0.0

    def interval(self, z: float = 1.959964) -> tuple[float, float]:
        """Wilson's 95 % score interval."""
        if not self.tries:
            return 0.0, 1.0
        share, n = self.share, self.tries
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)
