"""Numbers for the schema compiler: exact sets, and the GBNF that writes them."""

from __future__ import annotations

from .gbnf import Chars, GrammarBuilder, Literal, Node, Repeat, choice, optional, seq
from .number_set import JsonNumber, NumberSet, exact
from .number_text import number_language
from .regular.emit import emit_text

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
_FROM_ZERO = NumberSet.at_least(0)
#: The sets that nearly every schema has, written to be read.
_COMMON = {
    NumberSet.all(): ("number", seq(optional("-"), _NUMBER)),
    NumberSet.integers(): ("integer", seq(optional("-"), _INTEGER)),
    _FROM_ZERO: ("number-from-0", _NUMBER),
    NumberSet.integers() & _FROM_ZERO: ("integer-from-0", _INTEGER),
}


def emit_number(numbers: NumberSet, builder: GrammarBuilder, hint: str) -> Node:
    """The numbers of a set as JSON writes them; the set must not be empty.

    Integers are written plainly, with up to three zeros after a point, or, from
    10**16 up, with an exponent.

    Raises:
        LanguageBudgetError: the automaton is too large.
    """
    common = _COMMON.get(numbers)
    if common is not None:
        return builder.add(*common)
    return emit_text(number_language(numbers), builder, hint)
