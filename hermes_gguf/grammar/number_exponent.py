"""Exponents of JSON numbers, one character at a time, between two bounds."""

from __future__ import annotations

from typing import NamedTuple

from .number_alphabet import MINUS, PLUS

_MAX_DIGITS = 3


class Exponent(NamedTuple):
    """Inside of an exponent that must end up between two numbers (None: free)."""

    least: int | None
    most: int | None
    sign: int = 0
    digits: int = 0
    value: int = 0

    def read(self, symbol: int) -> Exponent | None:
        """The state after one more symbol; None when it may not stand here."""
        if symbol in (PLUS, MINUS) and self.sign == 0 and self.digits == 0:
            return self._replace(sign=1 if symbol == PLUS else -1)
        if symbol >= 10 or self.digits == _MAX_DIGITS:
            return None
        # Values beyond both bounds need not be told apart.
        cap = max(abs(n) + 1 if n is not None else 0 for n in (self.least, self.most))
        value = min(self.value * 10 + symbol, cap)
        return self._replace(digits=self.digits + 1, value=value)

    @property
    def takes(self) -> bool:
        """Whether the exponent may end here."""
        value = self.value * (self.sign or 1)
        if not self.digits or (self.least is not None and value < self.least):
            return False
        return self.most is None or value <= self.most
