"""The cases of Hermes tool-call parsing, each in whole and cut at every place."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.events import cuts, parse_pieces

OPEN, CLOSE = "<tool_call>\n", "\n</tool_call>"
KNOWN = frozenset({"get_weather", "f"})


def call(name: str, raw: str = "{}", *, index: int = 0) -> list[tuple[Any, ...]]:
    """What a good call amounts to."""
    return [
        ("call", index, name),
        ("args", index, raw),
        ("end", index, name, json.loads(raw)),
    ]


PARIS = '{"city": "Paris"}'
F = f'{{"name": "f", "arguments": {PARIS}}}'
G = '{"name": "g", "arguments": {"n": 1}}'
CALL_G_SECOND = call("g", '{"n": 1}', index=1)

CASES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "1 closed": (OPEN + F + CLOSE, call("f", PARIS)),
    "2 without newlines": (f"<tool_call>{F}</tool_call>", call("f", PARIS)),
    "3 two blocks": (
        OPEN + F + CLOSE + "\n" + OPEN + G + CLOSE,
        call("f", PARIS) + CALL_G_SECOND,
    ),
    "4 two objects in a block": (
        OPEN + F + "\n" + G + CLOSE,
        call("f", PARIS) + CALL_G_SECOND,
    ),
    "5 list in a block": (
        f"{OPEN}[{F}, {G}]{CLOSE}",
        call("f", PARIS) + CALL_G_SECOND,
    ),
    "6 arguments first": (
        f'{OPEN}{{"arguments": {PARIS}, "name": "f"}}{CLOSE}',
        call("f", PARIS),
    ),
    "7 single quotes": (
        OPEN + "{'arguments': {'symbol': 'TSLA'}, 'name': 'f'}" + CLOSE,
        call("f", '{"symbol": "TSLA"}'),
    ),
    "8 apostrophe in double quotes": (
        OPEN + "{'name': 'f', 'arguments': {'q': \"it's\", 'r': 'say \"hi\"'}}" + CLOSE,
        call("f", '{"q": "it\'s", "r": "say \\"hi\\""}'),
    ),
    "9 python literals": (
        OPEN
        + "{'name': 'f', 'arguments': {'a': True, 'b': None, 'c': [False]}}"
        + CLOSE,
        call("f", '{"a": true, "b": null, "c": [false]}'),
    ),
    "10 unclosed, complete": (OPEN + F, call("f", PARIS)),
    "10 unclosed, next call follows": (
        OPEN + F + "\n" + OPEN + G + CLOSE,
        call("f", PARIS) + CALL_G_SECOND,
    ),
    "10 unclosed, closing tag cut": (OPEN + F + "\n</tool_c", call("f", PARIS)),
    "11 truncated": (
        OPEN + '{"name": "f", "arguments": {"city": "Par',
        [
            ("call", 0, "f"),
            ("args", 0, '{"city": "Par'),
            (
                "failed",
                0,
                "the call is cut off before its end",
                OPEN + '{"name": "f", "arguments": {"city": "Par',
                52,
            ),
        ],
    ),
    "11 truncated behind the tag": (
        OPEN,
        [("failed", None, "the call is cut off before its end", OPEN, 12)],
    ),
    "12 content before": (
        "Let me look.\n" + OPEN + F + CLOSE,
        [("text", "Let me look."), *call("f", PARIS)],
    ),
    "13 content after": (
        OPEN + F + CLOSE + "\nDone.\n",
        [*call("f", PARIS), ("text", "Done.\n")],
    ),
    "13 content on both sides": (
        "One moment. " + OPEN + F + CLOSE + "\nDone.",
        [("text", "One moment."), *call("f", PARIS), ("text", "\nDone.")],
    ),
    "14 scratch pad": (
        "<scratch_pad>\nGoal: <state task> a & b\nReflection: ok\n</scratch_pad>\n"
        + OPEN
        + F
        + CLOSE,
        [
            ("think", "Goal: <state task> a & b\nReflection: ok"),
            *call("f", PARIS),
        ],
    ),
    "15 thinking about a call": (
        f"<think>\nI could <tool_call>{G}</tool_call>.\n</think>\n\nNo need.",
        [
            ("think", f"I could <tool_call>{G}</tool_call>."),
            ("text", "No need."),
        ],
    ),
    "15 thinking that never ends": (
        "<think>\nhm <tool_call>\n{<|im_end|>",
        [("think", "hm <tool_call>\n{")],
    ),
    "15 talk about the think tag": (
        "Write <think> first.",
        [("text", "Write <think> first.")],
    ),
    "16 closing tag in a string": (
        OPEN + '{"name": "f", "arguments": {"q": "a</tool_call>b"}}' + CLOSE,
        call("f", '{"q": "a</tool_call>b"}'),
    ),
    "17 opening tag in a string": (
        OPEN + '{"name": "f", "arguments": {"q": "a<tool_call>b"}}' + CLOSE,
        call("f", '{"q": "a<tool_call>b"}'),
    ),
    "18 brackets and backslashes in strings": (
        OPEN
        + r'{"name": "f", "arguments": {"cmd": "mkdir t/{a \"}\" C:\\x\\", "n": 1}}'
        + CLOSE,
        call("f", r'{"cmd": "mkdir t/{a \"}\" C:\\x\\", "n": 1}'),
    ),
    "19 raw newline and tab": (
        OPEN + '{"name": "f", "arguments": {"q": "a\nb\tc"}}' + CLOSE,
        call("f", '{"q": "a\\nb\\tc"}'),
    ),
    "19 stray backslash": (
        OPEN + r'{"name": "f", "arguments": {"q": "\d+ it\'s \x41"}}' + CLOSE,
        call("f", r'{"q": "\\d+ it' + "'" + r's A"}'),
    ),
    "20 unescaped inner quote": (
        OPEN + '{"name": "f", "arguments": {"q": "say "hi" now"}}' + CLOSE + "\nok",
        [
            ("call", 0, "f"),
            ("args", 0, '{"q": "say "'),
            (
                "failed",
                0,
                "'h' stands where a comma or the end should",
                OPEN + '{"name": "f", "arguments": {"q": "say "hi" now"}}' + CLOSE,
                51,
            ),
            ("text", "ok"),
        ],
    ),
    "20 missing quote runs into the next call": (
        OPEN
        + '{"name": "f", "arguments": {"q": "x}}'
        + CLOSE
        + "\n"
        + OPEN
        + G
        + CLOSE,
        [
            ("call", 0, "f"),
            ("args", 0, '{"q": "x}}\\n</tool_call>\\n<tool_call>\\n{"'),
            (
                "failed",
                0,
                "'n' stands where a comma or the end should",
                OPEN + '{"name": "f", "arguments": {"q": "x}}' + CLOSE,
                77,
            ),
            *CALL_G_SECOND,
        ],
    ),
    "21 unicode, escapes, surrogates": (
        OPEN + '{"name": "f", "arguments": {"q": "é\\u00e9\\ud83d\\ude00😀"}}' + CLOSE,
        call("f", '{"q": "é\\u00e9\\ud83d\\ude00😀"}'),
    ),
    "21 half a surrogate": (
        OPEN + '{"name": "f", "arguments": {"q": "\\ud83d!"}}' + CLOSE,
        call("f", '{"q": "\\ufffd!"}'),
    ),
    "22 empty arguments": (OPEN + '{"name": "f", "arguments": {}}' + CLOSE, call("f")),
    "22 null arguments": (OPEN + '{"name": "f", "arguments": null}' + CLOSE, call("f")),
    "22 absent arguments": (OPEN + '{"name": "f"}' + CLOSE, call("f")),
    "23 arguments as a string": (
        OPEN + '{"name": "f", "arguments": "{\\"city\\": \\"Paris\\"}"}' + CLOSE,
        call("f", PARIS),
    ),
    "23 arguments that are no object": (
        OPEN + '{"name": "f", "arguments": [1]}' + CLOSE,
        [
            ("call", 0, "f"),
            (
                "failed",
                0,
                "the arguments are no JSON object",
                OPEN + '{"name": "f", "arguments": [1]}' + CLOSE,
                39,
            ),
        ],
    ),
    "24 parameters": (
        f'{OPEN}{{"name": "f", "parameters": {PARIS}}}{CLOSE}',
        call("f", PARIS),
    ),
    "24 args": (f'{OPEN}{{"name": "f", "args": {PARIS}}}{CLOSE}', call("f", PARIS)),
    "25 unknown tool is still a call": (
        OPEN + '{"name": "nope", "arguments": {}}' + CLOSE,
        call("nope"),
    ),
    "26 odd names": (
        OPEN + '{"name": "a.b-c/d é", "arguments": {}}' + CLOSE,
        call("a.b-c/d é"),
    ),
    "27 fence in the block": (
        f"{OPEN}```json\n{F}\n```{CLOSE}",
        call("f", PARIS),
    ),
    "28 other wrappers are text": (
        f"<tools>{F}</tools>",
        [("text", f"<tools>{F}</tools>")],
    ),
    "29 bare call of a known tool": (F + "\n<|im_end|>", call("f", PARIS)),
    "29 bare object of an unknown tool": (G, [("text", G)]),
    "29 JSON inside prose": (
        f"Write this:\n{F}\nOr so.",
        [("text", f"Write this:\n{F}\nOr so.")],
    ),
    "29 JSON and prose behind it": (F + " is a call.", [("text", F + " is a call.")]),
    "29 JSON answer": ('{"a": [1, 2]}', [("text", '{"a": [1, 2]}')]),
    "30 invented result": (
        OPEN + F + CLOSE + "\n<tool_response>\n22\n</tool_response>\nIt is 22.",
        call("f", PARIS),
    ),
    "30 result tag in prose": (
        "Results come in <tool_response> tags.",
        [("text", "Results come in <tool_response> tags.")],
    ),
    "32 beginning of a tag": ("Type <tool", [("text", "Type <tool")]),
    "32 the tag in prose": (
        "The <tool_call> tag and the <tool_call> tag.<|im_end|>",
        [("text", "The <tool_call> tag and the <tool_call> tag.")],
    ),
    "33 equal keys in the arguments": (
        OPEN + '{"name": "f", "arguments": {"a": 1, "a": 2}}' + CLOSE,
        call("f", '{"a": 1, "a": 2}'),
    ),
    "33 two names": (
        OPEN + '{"name": "f", "name": "g", "arguments": {}}' + CLOSE,
        [
            ("call", 0, "f"),
            (
                "failed",
                0,
                "the key 'name' stands twice",
                OPEN + '{"name": "f", "name": "g", "arguments": {}}' + CLOSE,
                34,
            ),
        ],
    ),
    "34 numbers and nesting": (
        OPEN
        + '{"name": "f", "arguments": {"n": 123456789012345678901234, "x": -1.5e-9,'
        + ' "d": [[[[{"a": [{}]}]]]]}}'
        + CLOSE,
        call(
            "f",
            '{"n": 123456789012345678901234, "x": -1.5e-9, "d": [[[[{"a": [{}]}]]]]}',
        ),
    ),
    "34 trailing commas": (
        OPEN + '{"name": "f", "arguments": {"a": [1, 2, ], },}' + CLOSE,
        call("f", '{"a": [1, 2 ] }'),
    ),
    "35 end of turn": (
        "Hello <b>.\n<|im_end|>\n<|eot_id|>",
        [("text", "Hello <b>.")],
    ),
    "35 end of turn as prose": (
        "ChatML has <|im_end|> in it.",
        [("text", "ChatML has <|im_end|> in it.")],
    ),
    "35 end of turn behind a call": (
        OPEN + F + CLOSE + "\n<|im_end|>",
        call("f", PARIS),
    ),
    "white space is kept": ("\n Hi \n", [("text", "\n Hi \n")]),
    "empty block": ("<tool_call>\n</tool_call>Hi", [("text", "Hi")]),
    "call in Python syntax": (
        "<tool_call>f(1)</tool_call>",
        [
            (
                "failed",
                None,
                "no JSON object follows the opening tag",
                "<tool_call>f(1)</tool_call>",
                11,
            )
        ],
    ),
    "placeholders": (
        OPEN + '{"name": <function-name>, "arguments": <args-dict>}' + CLOSE,
        [
            (
                "failed",
                None,
                "'<' begins no JSON value",
                OPEN + '{"name": <function-name>, "arguments": <args-dict>}' + CLOSE,
                21,
            )
        ],
    ),
    "one brace too many": (OPEN + F + "}" + CLOSE, call("f", PARIS)),
    "OpenAI nesting": (
        f'{OPEN}{{"type": "function", "function": {F}}}{CLOSE}',
        call("f", PARIS),
    ),
    "words behind the object": (
        OPEN + F + " please" + CLOSE,
        [*call("f", PARIS), ("text", "please")],
    ),
}


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


N = 200_000
HOSTILE = {
    "one long string": OPEN + '{"name": "f", "arguments": {"q": "' + "a" * N,
    "many quotes": OPEN + '{"name": "f", "arguments": {"q": "' + "'" * N,
    "many calls": (OPEN + F + CLOSE) * (N // 75),
    "many objects": OPEN + F * (N // 50),
    "numbers": OPEN + '{"name": "f", "arguments": {"q": [' + "1," * (N // 2),
    "foreign keys": OPEN + "{" + '"a":1,' * (N // 6),
    "open tags": "<tool_call> x " * (N // 14),
    "broken calls": "<tool_call>{'a<tool_call></tool_call>" * (N // 37),
    "deep": OPEN + '{"name": "f", "arguments": ' + "[" * N,
    "spaces": " " * N,
    "spaces in a fence": "```json" + " " * N,
    "a long number": OPEN + '{"name": "f", "arguments": {"a": ' + "1" * N,
    "less-than signs": "<" * N,
    "fences": OPEN + "`" * N,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("piece_chars", [5, N * 2])
def test_hostile_text_is_read_in_linear_time(name: str, piece_chars: int) -> None:
    """Quadratic reading of these would take minutes."""
    text = HOSTILE[name]
    starts = range(0, len(text), piece_chars)
    started = time.perf_counter()
    parse_pieces((text[at : at + piece_chars] for at in starts), lenient=True)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "text",
    ["A word or two. " * 70_000, OPEN + F[:-2] + ', "n": [' + "1.5, " * 200_000],
    ids=["prose", "call"],
)
def test_a_megabyte_takes_about_a_second(text: str) -> None:
    started = time.perf_counter()
    parse_pieces(text[at : at + 4000] for at in range(0, len(text), 4000))
    assert time.perf_counter() - started < 5
