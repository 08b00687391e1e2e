r"""Sets of characters as JSON strings spell them.

Which spellings are accepted, for a character of a set:
- itself, unless it is a control character, `"` or `\`;
- its short escape when it has one that is needed (`\"`, `\\`, `\n`...);
- `\uXXXX` (in pairs beyond U+FFFF) when it is a control or not printable ASCII;
- also `\/` when the set holds all of Unicode beyond ASCII, and `\uXXXX` for ASCII
  when the set is everything. For narrower sets these needless spellings are left out:
  they would keep the engine from forcing text that can be written in one sane way.

Source: RFC 8259, section 7.
"""

from __future__ import annotations

from functools import lru_cache

from ..gbnf import (
    Chars,
    GrammarBuilder,
    Literal,
    Node,
    RuleRef,
    choice,
    seq,
)
from ..scalars import (
    SCALARS,
    Ranges,
    complement,
    difference,
    intersect,
    normalize,
    of_chars,
    union,
)

_CONTROLS: Ranges = ((0, 0x1F),)
#: What JSON writers that keep to ASCII escape (they escape DEL as well).
_NON_ASCII: Ranges = ((0x7F, 0xD7FF), (0xE000, 0x10FFFF))
#: Larger classes become rules, so that they are printed once.
_MANY_RANGES = 20
_NEVER_RAW = union(_CONTROLS, of_chars('"\\'))
_SHORT = {'"': '"', "\\": "\\", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


def chars_node(ranges: Ranges) -> Node:
    """One raw character of a set, which must not be empty."""
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return Literal(chr(ranges[0][0]))
    if ranges[-1][1] == 0x10FFFF:
        outside = complement(ranges)
        # GBNF has no word for "any character", so all is "not the character 0".
        return Chars(outside, negated=True) if outside else Chars(((0, 0x10FFFF),))
    return Chars(ranges)


def json_char(ranges: Ranges, builder: GrammarBuilder) -> Node:
    """One character of the set inside of a JSON string; the set is not empty."""
    # Hashing such a node anew for each character would take most of the time.
    known = builder.memo
    node = known.get(ranges)
    if node is None:
        node = _spelled(ranges, builder, known)
        if ranges == SCALARS or len(ranges) > _MANY_RANGES:
            node = builder.add("char" if ranges == SCALARS else "chars", node)
        known[ranges] = node
    return node


def _spelled(
    ranges: Ranges, builder: GrammarBuilder, known: dict[object, Node]
) -> Node:
    raw, letters, numeric = _parted(ranges)
    options: list[Node] = [] if raw is None else [raw]
    key = ("escape", letters, numeric)
    escape = known.get(key) or _after_backslash(letters, numeric)
    if escape is not None:
        if not isinstance(escape, Literal | Chars | RuleRef):
            escape = builder.add("escape", escape)
        known[key] = escape
        options.append(seq("\\", escape))
    return choice(options)


@lru_cache(maxsize=4096)
def _parted(ranges: Ranges) -> tuple[Node | None, str, Ranges]:
    """What stands for itself, and the two parts that stand behind a backslash."""
    raw = difference(ranges, _NEVER_RAW)
    return (chars_node(raw) if raw else None, *_escaped_part(ranges))


def _escaped_part(ranges: Ranges) -> tuple[str, Ranges]:
    r"""The short escapes of a set, and the characters that may stand as `\uXXXX`."""
    beyond = intersect(ranges, _NON_ASCII)
    letters = "".join(
        letter for char, letter in _SHORT.items() if _has(ranges, ord(char))
    )
    if beyond == _NON_ASCII and _has(ranges, ord("/")):
        letters += "/"
    if ranges == SCALARS:
        return letters, ranges
    return letters, union(intersect(ranges, _CONTROLS), beyond)


@lru_cache(maxsize=2048)
def _after_backslash(letters: str, numeric: Ranges) -> Node | None:
    """What may follow a backslash."""
    options: list[Node] = []
    if letters:
        options.append(chars_node(of_chars(letters)))
    if numeric:
        options.append(seq("u", unicode_escape(numeric)))
    return choice(options) if options else None


def _has(ranges: Ranges, code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)


def unicode_escape(ranges: Ranges) -> Node:
    r"""What follows `\u` for the characters of the set, in either case of hex."""
    options: list[Node] = []
    low = intersect(ranges, ((0, 0xFFFF),))
    if low:
        options.append(_hex_node(low, 4))
    pairs: dict[Ranges, list[tuple[int, int]]] = {}
    for first, last in intersect(ranges, ((0x10000, 0x10FFFF),)):
        for heads, tails in _surrogates(first - 0x10000, last - 0x10000):
            pairs.setdefault((tails,), []).append(heads)
    for tail_ranges, head_ranges in pairs.items():
        head = _hex_node(tuple(sorted(head_ranges)), 4)
        options.append(seq(head, "\\u", _hex_node(tail_ranges, 4)))
    return choice(options)


def _surrogates(first: int, last: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Ranges of high surrogates, each with the low ones that may follow."""
    out = []
    head, end = first >> 10, last >> 10
    while head <= end:
        low = first & 0x3FF if head == first >> 10 else 0
        high = last & 0x3FF if head == end else 0x3FF
        until = head
        if (low, high) == (0, 0x3FF):
            until = end if last & 0x3FF == 0x3FF else max(end - 1, head)
        heads = (0xD800 + head, 0xD800 + until)
        out.append((heads, (0xDC00 + low, 0xDC00 + high)))
        head = until + 1
    return out


@lru_cache(maxsize=4096)
def _hex_node(ranges: Ranges, digits: int) -> Node:
    """Numbers of the set in so many hexadecimal digits."""
    step = 16 ** (digits - 1)
    if digits == 1:
        return _digit_node([d for d in range(16) if _has(ranges, d)])
    groups: dict[Ranges, list[int]] = {}
    for digit in range(16):
        base = digit * step
        inner = intersect(ranges, ((base, base + step - 1),))
        if inner:
            shifted = tuple((low - base, high - base) for low, high in inner)
            groups.setdefault(shifted, []).append(digit)
    return choice(
        seq(_digit_node(group), _hex_node(inner, digits - 1))
        for inner, group in groups.items()
    )


def _digit_node(values: list[int]) -> Node:
    text = "".join(f"{v:x}{v:X}" for v in values)
    return chars_node(normalize((ord(c), ord(c)) for c in text))
