"""Internationalised host names: the labels that IDNA 2008 allows, as an expression.

Derived from Python's Unicode tables on first use. Narrower than the standard, never
wider: no encoded labels (xn--), labels beyond ASCII of at most 14 characters (so that
their encoded form keeps to 63), no joiners except behind a virama, and a name either
has right-to-left labels only or none.

Source: RFC 5892 (code points and contextual rules), RFC 5893 (Bidi), RFC 5891.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from .regular.classes import DIGIT
from .regular.properties import property_ranges
from .scalars import Ranges, difference, intersect, normalize, union

_LONGEST = 14
# Left out by RFC 5892, 2.6 (exceptions), 2.9 (conjoining jamo) and 2.7 (contextual).
_DISALLOWED: Ranges = normalize(
    [
        *((0x640, 0x640), (0x7FA, 0x7FA), (0x302E, 0x302F), (0x3031, 0x3035)),
        *((0x303B, 0x303B), (0x1100, 0x11FF), (0xA960, 0xA97C), (0xD7B0, 0xD7FB)),
        *((0x375, 0x375), (0x5F3, 0x5F4), (0x660, 0x669), (0x6F0, 0x6F9)),
    ]
)
_EXCEPTIONS: Ranges = normalize(
    [(0xDF, 0xDF), (0x3C2, 0x3C2), (0x6FD, 0x6FE), (0xF0B, 0xF0B), (0x3007, 0x3007)]
)
# Blocks of letters that no normalisation changes, so that they need no look.
_STABLE: Ranges = normalize(
    [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x2A6DF)]
)
_ARABIC_DIGITS, _EXTENDED_DIGITS = ((0x660, 0x669),), ((0x6F0, 0x6F9),)
_GREEK: Ranges = ((0x370, 0x3FF), (0x1F00, 0x1FFF))
_HEBREW: Ranges = ((0x5D0, 0x5EA),)
_JAPANESE: Ranges = (
    *((0x3041, 0x3096), (0x30A1, 0x30FA), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)),
)


def _where(ranges: Ranges, test: Callable[[str], bool]) -> Ranges:
    return normalize(
        (c, c) for low, high in ranges for c in range(low, high + 1) if test(chr(c))
    )


def _category(*names: str) -> Ranges:
    return union(*(property_ranges(name) or () for name in names))


def _is_stable(char: str) -> bool:
    folded = unicodedata.normalize("NFKC", char).casefold()
    return unicodedata.normalize("NFKC", folded) == char


@lru_cache(maxsize=1)
def _valid() -> Ranges:
    """What may stand in a label whatever is around it (PVALID), beyond ASCII."""
    letters = _category("Ll", "Lo", "Lm", "Mn", "Mc", "Nd")
    unsure = difference(letters, union(_STABLE, ((0, 0x7F),)))
    stable = union(_STABLE, _where(unsure, _is_stable))
    assigned = difference(stable, _category("Cn"))
    return union(difference(assigned, _DISALLOWED), _EXCEPTIONS)


def _text(*sets: Ranges) -> str:
    return "".join(f"\\u{{{low:x}}}-\\u{{{high:x}}}" for low, high in union(*sets))


def _bidi(ranges: Ranges, *classes: str) -> Ranges:
    rest = difference(ranges, _STABLE)
    found = _where(rest, lambda c: unicodedata.bidirectional(c) in classes)
    return union(found, intersect(ranges, _STABLE)) if "L" in classes else found


def idn_hostname_pattern(ascii_hostname: str) -> str:
    """The expression of the whole name; `ascii_hostname` is that of plain ones."""
    valid = _valid()
    marks = _category("Mn", "Mc")
    dot = "[.\\u3002\\uff0e\\uff61]"
    left = _left_label(_bidi(valid, "L", "EN"), _bidi(valid, "NSM"), marks)
    right = _right_label(_bidi(valid, "R", "AL"), _bidi(valid, "NSM"), marks)
    domains = [f"{label}(?:{dot}{label}){{0,2}}" for label in (left, right)]
    plain = ascii_hostname.replace("\\.", dot)
    return f"(?:{plain}|{'|'.join(domains)})"


def _left_label(letters: Ranges, accents: Ranges, marks: Ranges) -> str:
    letters = union(letters, DIGIT, ((0x61, 0x7A),), _EXTENDED_DIGITS)
    first = _text(difference(letters, marks))
    rest = _text(letters, accents)
    virama = _text(_where(marks, lambda c: unicodedata.combining(c) == 9))
    joined = f"[{virama}][\\u200c\\u200d]"
    special = f"l\\u00b7l|\\u0375[{_text(_GREEK)}]"
    start = f"(?:[{first}]|{special})"
    part = f"(?:[{rest}]|-[{first}]|{joined}[{first}]|{special})"
    label = f"{start}{part}{{0,{_LONGEST // 3}}}"
    dotted = f"[{rest}\\u30fb]"
    japanese = (
        f"(?:\\u30fb|[{first}]){dotted}{{0,4}}[{_text(_JAPANESE)}]{dotted}{{0,4}}"
        f"|[{_text(_JAPANESE)}]{dotted}{{0,9}}"
    )
    longer = f"[{first}][{rest}]{{0,{_LONGEST - 1}}}"
    return f"(?:{label}|{longer}|{japanese})"


def _right_label(letters: Ranges, accents: Ranges, marks: Ranges) -> str:
    first = _text(difference(letters, marks))
    rest = _text(letters, accents)
    hebrew = f"[{_text(_HEBREW)}][\\u05f3\\u05f4]"
    options = [
        f"(?:[{rest}{digits}]|{hebrew})"
        for digits in (_text(_ARABIC_DIGITS), _text(DIGIT, _EXTENDED_DIGITS))
    ]
    tails = "|".join(f"{o}{{0,{_LONGEST // 2 - 1}}}" for o in options)
    return f"(?:[{first}]|{hebrew})(?:{tails})"
