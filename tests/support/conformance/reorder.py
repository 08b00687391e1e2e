"""Looks for an order of a document's keys that a grammar accepts.

A grammar writes keys in its own order. Whether it allows a document's content is asked
by walking its automaton and choosing, at each key, among those that are left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hermes_gguf.grammar.automaton import Automaton, State

#: Keys tried per document; extra keys of an open object may come in any order.
_MAX_TRIES = 4_000


def accepts_some_order(automaton: Automaton, document: Any) -> bool:
    """Whether the document is accepted with its keys in some order.

    The first order that is tried is that of the document; the search is cut off after
    some thousand tries.
    """
    search = _Search()
    return any(state.may_end for state in search.write(automaton.start, document))


class _Search:
    def __init__(self) -> None:
        self.tries_left = _MAX_TRIES

    def write(self, state: State, value: Any) -> Iterator[State]:
        """The states after the value, for each order that works."""
        if isinstance(value, dict):
            yield from self._object(state, value)
        elif isinstance(value, list):
            yield from self._array(state, value)
        else:
            after = _step(state, json.dumps(value, ensure_ascii=False))
            if after is not None:
                yield after

    def _array(self, state: State, value: list[Any]) -> Iterator[State]:
        opened = _step(state, "[")
        states = [] if opened is None else [opened]
        for i, item in enumerate(value):
            found = []
            for before in states:
                begun = _step(before, ", " if i else "")
                if begun is not None:
                    found.extend(self.write(begun, item))
            states = list(dict.fromkeys(found))
        for before in states:
            after = _step(before, "]")
            if after is not None:
                yield after

    def _object(self, state: State, value: dict[str, Any]) -> Iterator[State]:
        opened = _step(state, "{")
        if opened is not None:
            yield from self._pairs(opened, value, frozenset(value), set())

    def _pairs(
        self,
        state: State,
        value: dict[str, Any],
        left: frozenset[str],
        failed: set[tuple[int, frozenset[str]]],
    ) -> Iterator[State]:
        if not left:
            after = _step(state, "}")
            if after is not None:
                yield after
            return
        if (id(state), left) in failed:
            return
        found = False
        for key in value:
            if key not in left or self.tries_left <= 0:
                continue
            self.tries_left -= 1
            separator = "" if len(left) == len(value) else ", "
            name = json.dumps(key, ensure_ascii=False)
            begun = _step(state, f"{separator}{name}: ")
            if begun is None:
                continue
            for after in self.write(begun, value[key]):
                for end in self._pairs(after, value, left - {key}, failed):
                    found = True
                    yield end
        if not found:
            failed.add((id(state), left))


def _step(state: State, text: str) -> State | None:
    current: State | None = state
    for char in text:
        if current is None:
            return None
        current = current[char]
    return current
