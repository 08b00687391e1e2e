"""Write the cases of `hermes-gguf eval` from the generator's held-out split.

`python -m scripts.tiny.write_cases` makes the same file every time: the seed is
fixed. Training never sees what these cases are made of.
"""

from __future__ import annotations

import argparse
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from hermes_gguf.evaluation.cases import Case, render_case
from hermes_gguf.messages import AssistantMessage

from . import dialogues
from .coining import HeldOutRandom
from .dialogues import Dialogue

SEED = 2025
OUT = Path("hermes_gguf/evaluation/cases.jsonl.xz")

Fits = Callable[[Dialogue], bool]


def expected_turn(dialogue: Dialogue) -> AssistantMessage:
    """The turn that a perfect model would write."""
    last = dialogue.messages[-1]
    assert isinstance(last, AssistantMessage)
    return last


def _single_request(rng: Random, test: bool) -> Dialogue:
    return dialogues.one_call(rng, test, rounds=1)


#: Row, how many cases, who draws them, and which of those fit.
ROWS: tuple[tuple[str, int, dialogues.Maker, Fits], ...] = (
    ("call", 500, _single_request, lambda d: len(d.tools) >= 3),
    ("json", 500, dialogues.json_mode, lambda d: True),
    ("no_tool", 500, dialogues.no_tool, lambda d: True),
    ("answer", 500, dialogues.answer, lambda d: True),
    ("several", 100, dialogues.several_calls, lambda d: _calls(d)),
    ("correction", 100, dialogues.correction, lambda d: _calls(d)),
    ("ask_back", 100, dialogues.ask_back, lambda d: not _calls(d)),
)


def _calls(dialogue: Dialogue) -> bool:
    return bool(expected_turn(dialogue).tool_calls)


def draw_cases(row: str, count: int, maker: dialogues.Maker, fits: Fits) -> list[Case]:
    """Draw the cases of one row."""
    rng = HeldOutRandom(f"{SEED}/{row}")
    drawn: list[Case] = []
    while len(drawn) < count:
        dialogue = maker(rng, True)
        if fits(dialogue):
            drawn.append(_case(row, dialogue))
    return drawn


def _case(row: str, dialogue: Dialogue) -> Case:
    return Case(
        row=row,
        messages=tuple(dialogue.messages[:-1]),
        expected=expected_turn(dialogue),
        tools=dialogue.tools,
        json_schema=dialogue.json_schema,
        shown=dialogue.shown if row == "answer" else (),
    )


def all_cases() -> Iterator[Case]:
    """The cases of every row."""
    for row in ROWS:
        yield from draw_cases(*row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out
    text = "".join(render_case(case) + "\n" for case in all_cases())
    out.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{text.count(chr(10))} cases, {out.stat().st_size} bytes: {out}")


if __name__ == "__main__":
    main()
