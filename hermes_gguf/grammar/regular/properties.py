r"""`\p{...}`: Unicode properties that Python's own tables can tell.

General categories (short and long names, and their groups), Any, ASCII, Assigned and
a few binary properties. Scripts are not in those tables, so they are unknown here.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache

from ..scalars import SCALARS, Ranges, complement, normalize, union
from .classes import SPACE

# Source: Unicode 15, PropertyValueAliases.txt, gc.
_LONG_NAMES = {
    "Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm",
    "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M",
    "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me",
    "Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl",
    "Other_Number": "No", "Punctuation": "P", "punct": "P",
    "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps", "Close_Punctuation": "Pe",
    "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So",
    "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "cntrl": "Cc",
    "Format": "Cf", "Surrogate": "Cs", "Private_Use": "Co", "Unassigned": "Cn",
}  # fmt: skip

_SHORT_NAMES = frozenset(_LONG_NAMES.values())


@lru_cache(maxsize=1)
def _categories() -> dict[str, list[tuple[int, int]]]:
    """Category → its runs of code points; one pass over Unicode, some 100 ms."""
    runs: dict[str, list[tuple[int, int]]] = {}
    category = unicodedata.category
    start, current = 0, category("\0")
    for code in range(1, sys.maxunicode + 2):
        now = category(chr(code)) if code <= sys.maxunicode else ""
        if now != current:
            runs.setdefault(current, []).append((start, code - 1))
            start, current = code, now
    return runs


@lru_cache(maxsize=64)
def _general_category(short: str) -> Ranges:
    if short == "LC":
        return union(*map(_general_category, ("Lu", "Ll", "Lt")))
    table = _categories()
    return normalize(r for name in table if name.startswith(short) for r in table[name])


def property_ranges(name: str) -> Ranges | None:
    r"""The members of `\p{name}`, or None when this Python cannot tell them."""
    if name.startswith(("General_Category=", "gc=")):
        name = name.split("=", 1)[1]
    elif name == "Any":
        return SCALARS
    elif name == "ASCII":
        return ((0, 0x7F),)
    elif name == "Assigned":
        return complement(_general_category("Cn"))
    elif name in ("White_Space", "space"):
        # Unicode's White_Space has U+0085 and lacks U+FEFF, which \s has.
        return normalize([*(r for r in SPACE if r[0] != 0xFEFF), (0x85, 0x85)])
    elif name in ("ASCII_Hex_Digit", "AHex"):
        return ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66))
    short = _LONG_NAMES.get(name, name)
    return _general_category(short) if short in _SHORT_NAMES else None
