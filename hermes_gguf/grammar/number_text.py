"""How the numbers of a set are written in JSON, as a regular language.

Intervals are decided by `number_machine`; multiples by the remainder of the digits
read so far. Numbers with exponents are left out where multiples of anything but powers
of ten are asked for.

Source: RFC 8259, section 6.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from .number_alphabet import CLASSES, MINUS, POINT, STARTS, WIDTH
from .number_machine import Machine
from .number_set import ONE, NumberSet, Piece, decimal_places
from .regular.dfa import MAX_STATES, Dfa
from .regular.errors import LanguageBudgetError
from .regular.language import Language, language_of_dfa


@lru_cache(maxsize=1024)
def number_language(numbers: NumberSet) -> Language:
    """The JSON spellings of the numbers of a set.

    Raises:
        LanguageBudgetError: the automaton is too large.
    """
    parts = [_piece_language(piece) for piece in numbers.pieces]
    while len(parts) > 1:
        # Neighbours first: to add one by one to the whole takes far longer.
        odd = parts[-1:] if len(parts) % 2 else []
        parts = [a | b for a, b in zip(parts[::2], parts[1::2], strict=False)] + odd
    return parts[0] if parts else Language.nothing()


@lru_cache(maxsize=1024)
def _piece_language(piece: Piece) -> Language:
    grid = piece.multiple
    power = None
    if grid is not None:
        power = Fraction(1, 10 ** decimal_places(grid))
    others = piece.excluded - {ONE}
    outline = replace(piece, multiple=power, excluded=piece.excluded & {ONE})
    if power is not None and ONE in outline.excluded:
        outline = replace(outline, excluded=frozenset())
        others = piece.excluded
    plain = grid == power and not others
    result = language_of_dfa(Machine(outline, scientific=plain).run())
    if grid is not None and grid != power:
        result = result & _multiples(grid)
    for step in sorted(others):
        result = result - _multiples(step)
    return result


@lru_cache(maxsize=256)
def _multiples(step: Fraction) -> Language:
    """Plain decimals (and some malformed texts) that are multiples of `step`."""
    places = decimal_places(step)
    modulus = step.numerator * 10**places // step.denominator
    if modulus * (places + 2) > MAX_STATES:
        # Not as a float, which may be too small for it.
        shown = (Decimal(step.numerator) / step.denominator).normalize()
        raise LanguageBudgetError(
            f"multiples of {shown:g} need more than {MAX_STATES} automaton states"
        )
    return language_of_dfa(_multiples_dfa(modulus, places))


def _multiples_dfa(modulus: int, places: int) -> Dfa:
    """States: phase by phase a block of remainders; phase 0 is before the point.

    After `places` digits behind the point only zeros may follow.
    """
    phases = places + 2
    dead = phases * modulus
    delta = []
    for phase in range(phases):
        for rest in range(modulus):
            row = [dead] * WIDTH
            then = phase if phase == 0 else min(phase + 1, places + 1)
            for digit in range(10):
                if phase <= places:
                    row[digit] = then * modulus + (rest * 10 + digit) % modulus
                elif digit == 0:
                    row[digit] = phase * modulus + rest
            if phase == 0:
                row[POINT] = modulus + rest
                row[MINUS] = rest
            delta.append(row)
    delta.append([dead] * WIDTH)
    accepts = [
        rest * 10 ** (places + 1 - max(phase, 1)) % modulus == 0
        for phase in range(phases)
        for rest in range(modulus)
    ]
    return Dfa.build(STARTS, CLASSES, delta, [*accepts, False])
