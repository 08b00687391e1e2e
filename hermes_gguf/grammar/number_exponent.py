"""Exponents of JSON numbers, one character at a time, between two bounds.

States from which the same may follow are made equal, and those from which nothing can
are left out: every exponent of a mantissa would be hundreds of states otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

from .number_alphabet import MINUS, PLUS

_MAX_DIGITS = 3


class Exponent(NamedTuple):
    """Inside of an exponent that must end up between two numbers (None: free).

    Attributes:
        least: The least exponent; once the sign is known, the least amount.
        most: The largest.
        signed: Whether the sign is known.
        digits: Digits read so far.
        value: What they say; 0 when it no longer matters.
    """

    least: int | None
    most: int | None
    signed: bool = False
    digits: int = 0
    value: int = 0

    def read(self, symbol: int) -> Exponent | None:
        """The state after one more symbol; None when nothing can come of it."""
        if symbol < 10:
            if not self.signed:
                amount = _amount(self.least, self.most)
                return amount and amount._digit(symbol)
            return None if self.digits == _MAX_DIGITS else self._digit(symbol)
        if self.signed or symbol not in (PLUS, MINUS):
            return None
        if symbol == PLUS:
            return _amount(self.least, self.most)
        least = None if self.most is None else -self.most
        return _amount(least, None if self.least is None else -self.least)

    @property
    def takes(self) -> bool:
        """Whether the exponent may end here."""
        # A value above `most` is never kept.
        return self.digits > 0 and (self.least is None or self.value >= self.least)

    @property
    def is_free(self) -> bool:
        """Whether all digits that may follow are alike."""
        return self.least is None and self.most is None

    def _digit(self, digit: int) -> Exponent | None:
        digits, value = self.digits + 1, self.value * 10 + digit
        least, most = self.least, self.most
        if most is not None and value > most:
            return None
        if least is not None:
            if (value + 1) * 10 ** (_MAX_DIGITS - digits) <= least:
                return None
            if value >= least:
                least = None
        if digits == _MAX_DIGITS:
            most = None
        if least is None and most is None:
            value = 0
        return Exponent(least, most, True, digits, value)


def _amount(least: int | None, most: int | None) -> Exponent | None:
    """What stands behind the sign, when its amount lies between the bounds."""
    if most is not None and (most < 0 or (least is not None and most < least)):
        return None
    is_bound = least is not None and least > 0
    return Exponent(least if is_bound else None, most, True)
