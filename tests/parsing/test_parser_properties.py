"""What holds for whatever a model may write."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hermes_gguf.events import Event, TextDelta
from hermes_gguf.parsing import OutputParser
from tests.support.events import cuts, parse_pieces

from .cases import KNOWN, F, G

_SOUP = st.lists(
    st.sampled_from(
        ["<tool_call>", "</tool_call>", "<think>", "</think>", "<tool_response>"]
        + ["<|im_end|>", "{", "}", "[", "]", '"', "'", ":", ",", "\\", "\\u", "d83d"]
        + ['"name"', '"arguments"', ": {", '"f"', F, G, "\n", " ", "1", "True", "`"]
        + ["```json", "words", "é", "<", "<tool"]
    ),
    max_size=30,
).map("".join)


@given(_SOUP, st.randoms(use_true_random=False))
def test_no_text_crashes_the_parser_or_depends_on_the_cut(text: str, rng: Any) -> None:
    whole = parse_pieces([text], tool_names=KNOWN)
    points = sorted(rng.randrange(len(text) + 1) for _ in range(4))
    pieces = [
        text[a:b] for a, b in zip([0, *points], [*points, len(text)], strict=True)
    ]
    assert parse_pieces(pieces, tool_names=KNOWN) == whole
    assert parse_pieces(text, tool_names=KNOWN) == whole


@given(
    st.lists(
        st.sampled_from(
            ["<tool_call>", "</tool_call>", "<think>", "</think>", "<|im_end|>"]
            + ["{", "}", "[", ",", ":", "\n", " ", "word", F, G, "```json", "<tool"]
        ),
        max_size=25,
    ).map("".join)
)
def test_no_word_is_ever_lost(text: str) -> None:
    rows = parse_pieces([text], tool_names=KNOWN)
    shown = [str(part) for row in rows if row[0] != "args" for part in row]
    assert "".join(shown).count("word") >= text.count("word")


_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
_VALUES = st.recursive(
    _SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=4), _VALUES, max_size=4), st.booleans())
def test_any_arguments_survive_as_json_and_as_a_python_dict(
    arguments: dict[str, Any], as_python: bool
) -> None:
    value = {"name": "f", "arguments": arguments}
    text = repr(value) if as_python else json.dumps(value)
    rows = parse_pieces([f"<tool_call>{text}</tool_call>"])
    assert rows[-1] == ("end", 0, "f", arguments)
    assert json.loads(rows[1][2]) == arguments


def test_a_number_beyond_floats_stays_exact() -> None:
    rows = parse_pieces(['<tool_call>{"name": "f", "arguments": {"n": 7e400}}'])
    assert rows[-1][3] == {"n": 7 * 10**400}


@given(_SOUP, st.integers(1, 9))
def test_it_is_known_where_every_text_stood(text: str, size: int) -> None:
    parser = OutputParser(tool_names=KNOWN)
    end = 0
    for piece in [*cuts(text)][-5:][size % 5] if len(text) > 1 else [text]:
        end = _texts_stand_where_they_say(parser, parser.feed(piece), text, end)
    _texts_stand_where_they_say(parser, parser.flush(), text, end)


def _texts_stand_where_they_say(
    parser: OutputParser, events: list[Event], text: str, end: int
) -> int:
    shown = [event.text for event in events if isinstance(event, TextDelta)]
    for said, (start, stop) in zip(shown, parser.shown, strict=True):
        assert start >= end, "in order, nothing twice"
        written = text[start:stop]
        assert said in (written, f"\n{written}")
        end = stop
    return end
