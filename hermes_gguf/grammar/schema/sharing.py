"""Tells which schemas say the same, wherever they stand, so that each is read once.

Real schemas repeat themselves: two thirds of a large one may be copies. Annotations
are left out of account. Knows where subschemas stand, not what keywords mean.
"""

from __future__ import annotations

from typing import Any

from ...subschemas import LISTS, MAPS, ONE
from .dialects import ALL_KEYWORDS

#: Not `$defs` and `contentSchema`, which constrain nothing by themselves.
_HOLDERS = ALL_KEYWORDS & (ONE | LISTS | MAPS)
#: These change what references inside mean.
_NAMES = frozenset(("$id", "id", "$schema"))
_TOLD_APART = ALL_KEYWORDS | _NAMES


class Contents:
    """Numbers for schemas: two with the same number say the same.

    The schemas must stay alive, for they are told apart by their identity.
    """

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}

    def number(self, schema: dict[str, Any]) -> int:
        """The number of a schema; above 1, so that it is never equal to a boolean."""
        known = self._known.get(id(schema))
        return self._numbered(schema) if known is None else known

    def _numbered(self, schema: dict[str, Any]) -> int:
        """Number the schema and all below it, the innermost first."""
        known = self._known
        order = [schema]
        for each in order:  # grows while it is read
            if _HOLDERS.isdisjoint(each):
                continue  # as most do, which hold no other
            for keyword in _HOLDERS.intersection(each):
                order.extend(
                    child
                    for child in _held(keyword, each[keyword])
                    if isinstance(child, dict) and id(child) not in known
                )
        for each in reversed(order):
            if id(each) not in known:
                content = tuple(
                    [
                        (k, v if type(v) is str else self._told(k, v))
                        for k, v in each.items()
                        if k in _TOLD_APART
                    ]
                )
                known[id(each)] = self._numbers.setdefault(
                    content, len(self._numbers) + 2
                )
        return known[id(schema)]

    def _told(self, keyword: str, value: Any) -> object:
        """What tells this value of the keyword, which is no text, from others."""
        if keyword in _HOLDERS:
            if keyword in MAPS and isinstance(value, dict):
                return tuple([(k, self._short(v)) for k, v in value.items()])
            if keyword in LISTS and isinstance(value, list):
                return tuple([self._short(v) for v in value])
            if keyword in ONE:
                return self._short(value)
        return (repr(value),)

    def _short(self, value: Any) -> object:
        if isinstance(value, dict):
            return self._known[id(value)]
        return value if isinstance(value, bool) else (repr(value),)


def _held(keyword: str, value: Any) -> Any:
    """The schemas that a keyword holds, among other values."""
    if isinstance(value, dict):
        return value.values() if keyword in MAPS else (value,)
    return value if isinstance(value, list) else ()
