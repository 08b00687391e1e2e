"""Numbers for the schema compiler: exact sets, and the GBNF that writes them."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from .gbnf import Chars, GrammarBuilder, Literal, Node, Repeat, choice, optional, seq
from .number_set import JsonNumber, NumberSet, decimal_places, exact
from .number_text import number_language
from .regular.emit import emit_text
from .regular.language import Language

__all__ = ["JsonNumber", "NumberSet", "emit_number", "exact"]

_DIGIT = Chars(((0x30, 0x39),))
_FIRST = Chars(((0x31, 0x39),))
_INT = choice(["0", seq(_FIRST, Repeat(_DIGIT))])
_E = Chars(((0x45, 0x45), (0x65, 0x65)))
_SIGN = Chars(((0x2B, 0x2B), (0x2D, 0x2D)))
_NUMBER = seq(
    _INT,
    optional(seq(".", Repeat(_DIGIT, 1))),
    optional(seq(_E, optional(_SIGN), Repeat(_DIGIT, 1, 3))),
)
_INTEGER = choice(
    [
        seq(_INT, optional(seq(".", Repeat(Literal("0"), 1, 3)))),
        seq(_FIRST, _E, optional("+"), Repeat(_DIGIT, 1, 3)),
        # Programs that keep integers as floats write those from 10**16 up like this.
        seq(
            *(_FIRST, ".", Repeat(_DIGIT, 1, 16), _E, optional("+")),
            choice(
                [
                    seq("1", Chars(((0x36, 0x39),))),
                    seq(Chars(((0x32, 0x39),)), _DIGIT),
                    seq(_FIRST, Repeat(_DIGIT, 2, 2)),
                ]
            ),
        ),
    ]
)
_FRACTION = optional(seq(".", Repeat(_DIGIT, 1)))
#: Numbers that no reader takes for infinite: the largest doubles end below 2e308, so
#: three digits of exponent stand only behind one digit before the point.
_PLAIN_NUMBER = choice(
    [
        seq(
            *(_INT, _FRACTION),
            optional(
                seq(
                    _E,
                    choice(
                        [
                            seq("-", Repeat(_DIGIT, 1, 3)),
                            seq(optional("+"), Repeat(_DIGIT, 1, 2)),
                        ]
                    ),
                )
            ),
        ),
        seq(
            *(_FIRST, _FRACTION, _E, optional("+")),
            choice(
                [
                    seq(Chars(((0x31, 0x32),)), _DIGIT, _DIGIT),
                    seq("30", Chars(((0x30, 0x37),))),
                ]
            ),
        ),
    ]
)
_PLAIN_INTEGERS = r"-?(?:0|[1-9]\d*)"
_PLAIN_NUMBERS = (
    _PLAIN_INTEGERS
    + r"(?:\.\d+)?(?:[Ee](?:-\d{1,3}|\+?\d{1,2}))?"
    + r"|-?[1-9](?:\.\d+)?[Ee]\+?(?:[12]\d\d|30[0-7])"
)
#: Sets of at most so many numbers are spelled out one by one.
_MAX_SPELLED = 24
_FROM_ZERO = NumberSet.at_least(0)
#: The sets that nearly every schema has, written to be read.
_COMMON = {
    NumberSet.all(): ("number", seq(optional("-"), _NUMBER)),
    NumberSet.integers(): ("integer", seq(optional("-"), _INTEGER)),
    _FROM_ZERO: ("number-from-0", _NUMBER),
    NumberSet.integers() & _FROM_ZERO: ("integer-from-0", _INTEGER),
}
_COMMON_PLAIN = {
    NumberSet.all(): ("number", seq(optional("-"), _PLAIN_NUMBER)),
    NumberSet.integers(): ("integer", seq(optional("-"), _INT)),
    _FROM_ZERO: ("number-from-0", _PLAIN_NUMBER),
    NumberSet.integers() & _FROM_ZERO: ("integer-from-0", _INT),
}


def emit_number(
    numbers: NumberSet, builder: GrammarBuilder, hint: str, *, plain: bool = False
) -> Node:
    """The numbers of a set as JSON writes them; the set must not be empty.

    Integers are written plainly, with up to three zeros after a point, or, from
    10**16 up, with an exponent.

    Args:
        numbers: The set.
        builder: Gets the rules.
        hint: What to name them.
        plain: Write integers as digits only, and exponents that keep a double
            finite: `1e5` becomes a float in most languages, and `1e999` infinity.

    Raises:
        LanguageBudgetError: the automaton is too large.
    """
    common = (_COMMON_PLAIN if plain else _COMMON).get(numbers)
    if common is not None:
        return builder.add(*common)
    language = _plain_part(numbers) if plain else number_language(numbers)
    return emit_text(language, builder, hint)


@lru_cache(maxsize=1024)
def _plain_part(numbers: NumberSet) -> Language:
    values = numbers.values(_MAX_SPELLED)
    if values is not None:
        return Language.of([_decimal(value) for value in values])
    pattern = _PLAIN_INTEGERS if numbers.is_integral else _PLAIN_NUMBERS
    return number_language(numbers) & Language.from_full_pattern(pattern)


def _decimal(value: Fraction) -> str:
    """The shortest plain decimal: 2.5, not 2.50."""
    places = decimal_places(value)
    digits = str(abs(value.numerator) * 10**places // value.denominator)
    digits = digits.zfill(places + 1)
    whole, rest = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if value < 0 else "") + whole + (f".{rest}" if rest else "")
