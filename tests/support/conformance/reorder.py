"""Looks for an order of a document's keys that a grammar accepts.

A grammar writes keys in its own order. Whether it allows a document's content is asked
by walking its automaton and choosing, at each key, among those that are left.
"""

from __future__ import annotations

import json
from typing import Any

from hermes_gguf.grammar.automaton import Automaton, State

#: Keys tried per document; extra keys of an open object may come in any order.
_MAX_TRIES = 20_000


def accepts_some_order(automaton: Automaton, document: Any) -> bool:
    """Whether the document is accepted with its keys in some order.

    The first order that is tried is that of the document; the search is cut off after
    some thousand tries.
    """
    state = _Search().write(automaton.start, document)
    return state is not None and state.may_end


class _Search:
    def __init__(self) -> None:
        self.tries_left = _MAX_TRIES

    def write(self, state: State, value: Any) -> State | None:
        """The state after the value, in the first order that works."""
        if isinstance(value, dict):
            opened = _step(state, "{")
            if opened is None:
                return None
            return self._pairs(opened, value, frozenset(value), set())
        if isinstance(value, list):
            return self._array(state, value)
        return _step(state, json.dumps(value, ensure_ascii=False))

    def _array(self, state: State, value: list[Any]) -> State | None:
        current = _step(state, "[")
        for i, item in enumerate(value):
            if current is not None and i:
                current = _step(current, ", ")
            if current is not None:
                current = self.write(current, item)
        return None if current is None else _step(current, "]")

    def _pairs(
        self,
        state: State,
        value: dict[str, Any],
        left: frozenset[str],
        failed: set[tuple[int, frozenset[str]]],
    ) -> State | None:
        if not left:
            return _step(state, "}")
        if (id(state), left) in failed:
            return None
        separator = "" if len(left) == len(value) else ", "
        for key in value:
            if key not in left or self.tries_left <= 0:
                continue
            self.tries_left -= 1
            name = json.dumps(key, ensure_ascii=False)
            begun = _step(state, f"{separator}{name}: ")
            after = None if begun is None else self.write(begun, value[key])
            if after is not None:
                end = self._pairs(after, value, left - {key}, failed)
                if end is not None:
                    return end
        failed.add((id(state), left))
        return None


def _step(state: State, text: str) -> State | None:
    current: State | None = state
    for char in text:
        if current is None:
            return None
        current = current[char]
    return current
