r"""The texts that are regular expressions, up to a depth of nesting.

Groups nest, so the set of all expressions is not regular. This one is smaller, never
larger: four levels of groups, lookarounds without groups in them, ranges in classes
between two letters of a case or two digits, no named groups and no backreferences.

Source: ECMA-262, "Patterns", with the Unicode flag, plus escaped ASCII punctuation.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits

_DEPTH = 4
_CATEGORIES = (
    "L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfon]?"
    "|Letter|Number|Punctuation|Symbol|Any|ASCII"
)
_HEX = "[0-9A-Fa-f]"
_CHAR_ESCAPE = (
    r"(?:[dDwWsSfnrtv]|c[A-Za-z]|[ -/:-@\[-^`{-~]"
    rf"|x{_HEX}{{2}}|u(?:{_HEX}{{4}}|\{{(?:{_HEX}{{1,5}}|10{_HEX}{{4}})\}})"
    rf"|[pP]\{{(?:{_CATEGORIES})\}})"
)
_TENS = "|".join(f"{t}[0-9],[{t + 1}-9][0-9]" for t in range(1, 9))
_ORDERED = "|".join(
    [
        *(f"{low},[{low}-9]" for low in range(10)),
        *("[0-9],[1-9][0-9]{1,4}", "[1-9][0-9],[1-9][0-9]{2,4}", _TENS),
        "[1-9][0-9]{2},[1-9][0-9]{3,4}",
    ]
)
_QUANTIFIER = rf"(?:[*+?]|\{{(?:[0-9]{{1,4}},?|{_ORDERED})\}})\??"


def _class() -> str:
    ranges = "|".join(
        f"{low}-[{low}-{alphabet[-1]}]"
        for alphabet in (ascii_lowercase, ascii_uppercase, digits)
        for low in alphabet
    )
    one = rf"(?:[^\\\]-]|\\{_CHAR_ESCAPE}|\\b)"
    item = rf"(?:{one}|(?:{ranges})(?:-{one})?)"
    return rf"\[\^?-?{item}*-?\]"


def regex_format_pattern() -> str:
    """The expression that matches regular expressions."""
    plain = rf"(?:[^\\^$.*+?()\[\]{{}}|]|\.|\\{_CHAR_ESCAPE}|{_class()})"
    always = r"[\^$|]|\\[bB]"
    inside = f"(?:{always}|{plain}(?:{_QUANTIFIER})?)*"
    look = rf"\(\?<?[=!]{inside}\)"
    for _ in range(_DEPTH):
        atom = rf"(?:{plain}|\((?:\?:)?{inside}\))"
        inside = f"(?:{always}|{look}|{atom}(?:{_QUANTIFIER})?)*"
    return inside
