"""The cases of Hermes tool-call parsing, each in whole and cut at every place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.events import cuts, parse_pieces

from .cases import CASES, KNOWN, PARIS, F, G, call


@pytest.mark.parametrize("name", CASES)
def test_text_becomes_these_events_however_it_is_cut(name: str) -> None:
    text, expected = CASES[name]
    whole = parse_pieces([text], tool_names=KNOWN)
    assert whole == expected
    for pieces in cuts(text):
        assert parse_pieces(pieces, tool_names=KNOWN) == whole, f"cut: {pieces}"


LENIENT: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "27 fenced message": (f"```json\n{F}\n```\n", call("f", PARIS)),
    "28 tools": (f"<tools>{F}</tools>", call("f", PARIS)),
    "28 function_call": (f"<function_call>\n{F}\n</function_call>", call("f", PARIS)),
    "29 bare object": (G, call("g", '{"n": 1}')),
    "29 fenced code": ("```python\nf()\n```", [("text", "```python\nf()\n```")]),
}


@pytest.mark.parametrize("name", LENIENT)
def test_lenient_mode_reads_what_badly_prompted_models_write(name: str) -> None:
    text, expected = LENIENT[name]
    for pieces in [[text], *cuts(text)]:
        assert parse_pieces(pieces, lenient=True) == expected, f"cut: {pieces}"


def test_without_tools_the_tag_is_ordinary_text() -> None:
    text = f"Hermes writes <tool_call>{F}</tool_call>"
    assert parse_pieces([text], tool_calls=False) == [("text", text)]


def test_a_prompt_that_opened_think_starts_in_reasoning() -> None:
    pieces = ["so\n</thi", "nk>\n4"]
    assert parse_pieces(pieces, in_reasoning=True) == [("think", "so"), ("text", "4")]
