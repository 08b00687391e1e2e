"""A TOML table that is read key by key, each with its check.

It remembers where it stands, so that every error names file and key, and which
keys were asked for, so that a misspelled one is an error too. It knows nothing of
models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar, overload

from ..errors import CatalogSyntaxError

_REQUIRED: Any = object()
_Text = TypeVar("_Text", bound=str)


class Table:
    """A TOML table that knows where it stands and which keys were asked for."""

    def __init__(self, data: Mapping[str, Any], *, path: str, where: str) -> None:
        self._data = data
        self._path = path
        self._where = where
        self._asked: set[str] = set()

    def names(self) -> list[str]:
        """The keys, in file order."""
        return list(self._data)

    def fail(self, problem: str, key: str = "") -> NoReturn:
        """Raise CatalogSyntaxError for this table, or for one of its keys."""
        where = ".".join(part for part in (self._where, key) if part)
        raise CatalogSyntaxError(
            self._path, f"{where}: {problem}" if where else problem
        )

    def finish(self) -> None:
        """Fail on the first key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                self.fail("unknown key", key)

    def table(self, key: str) -> Table:
        """The table under a key; an empty one when it is absent."""
        value = self._get(key, {}, lambda v: isinstance(v, dict), "a table")
        where = ".".join(part for part in (self._where, key) if part)
        return Table(value, path=self._path, where=where)

    @overload
    def text(self, key: str, default: str = ...) -> str: ...
    @overload
    def text(self, key: str, default: str | None) -> str | None: ...
    def text(self, key: str, default: str | None = _REQUIRED) -> str | None:
        """A non-empty text; without a default the key is required."""
        found: str | None = self._get(key, default, _is_text, "text")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        return tuple(self._get(key, [], _is_texts, "a list of texts"))

    def choice(self, key: str, allowed: tuple[_Text, ...], default: _Text) -> _Text:
        """One of the allowed texts."""
        known = " or ".join(allowed)
        found: _Text = self._get(key, default, lambda value: value in allowed, known)
        return found

    @overload
    def count(self, key: str, default: int = ...) -> int: ...
    @overload
    def count(self, key: str, default: int | None) -> int | None: ...
    def count(self, key: str, default: int | None = _REQUIRED) -> int | None:
        """A whole number over 0; without a default the key is required."""
        found: int | None = self._get(key, default, _is_count, "a whole number over 0")
        return found

    def number(self, key: str) -> float:
        """A required number."""
        value: float = self._get(key, _REQUIRED, _is_number, "a number")
        return value

    def _get(
        self, key: str, default: Any, accepts: Callable[[Any], object], expected: str
    ) -> Any:
        self._asked.add(key)
        if key not in self._data:
            if default is _REQUIRED:
                self.fail("is missing", key)
            return default
        value = self._data[key]
        if not accepts(value):
            self.fail(f"expected {expected}, not {value!r}", key)
        return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
