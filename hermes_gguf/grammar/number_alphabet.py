"""The characters of JSON numbers as symbols: digits are themselves."""

from __future__ import annotations

POINT, E, PLUS, MINUS, OTHER = range(10, 15)
WIDTH = OTHER + 1

#: The intervals of code points, and the symbol of each (-1: surrogates).
STARTS = (0, *b"+,-./0123456789:EFef", 0xD800, 0xE000)
CLASSES = (
    *(OTHER, PLUS, OTHER, MINUS, POINT, OTHER),
    *(*range(10), OTHER, E, OTHER, E, OTHER, -1, OTHER),
)
