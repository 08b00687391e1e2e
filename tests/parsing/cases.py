"""What Hermes models write, and the events that it amounts to."""

from __future__ import annotations

import json
from typing import Any

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
