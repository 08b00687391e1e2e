"""Measure a model on the held-out split, with and without the grammar.

`python -m scripts.tiny.evaluate [--model FILE] [--cases 500]` prints one table. It
goes through the package itself at temperature 0: the same renderer, grammar, engine
and parser as `hermes-gguf chat`. Any GGUF that speaks ChatML can be measured.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from hermes_gguf.chat.completion import Completion
from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine import load_engine
from hermes_gguf.messages import Message, Tool, ToolCall, ToolMessage, UserMessage
from hermes_gguf.options import LoadOptions, SamplingOptions

from .dialogues import Dialogue
from .handwritten import CARD_ANSWER, CARD_RESULT, handwritten_cases
from .intervals import Tally
from .rows import ROWS, Hits, expected_turn

GREEDY = SamplingOptions(temperature=0, repeat_penalty=1.0, seed=1)
MAX_TOKENS = 300


class Examiner:
    """Asks a model, with or without the grammar, and keeps the score."""

    def __init__(self, chat: ChatModel, *, grammar: bool, show: int) -> None:
        self.chat, self.grammar, self.show = chat, grammar, show
        self.lines: dict[str, Tally] = defaultdict(Tally)

    def ask(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        json_schema: dict[str, Any] | None = None,
    ) -> Completion:
        """The model's next turn."""
        return self.chat.complete(
            messages,
            tools=tools,
            json_schema=json_schema,
            sampling=GREEDY,
            max_tokens=MAX_TOKENS,
            constrain=self.grammar,
        )

    def examine_rows(self, *, cases: int, seed: int) -> None:
        """Ask every row's dialogues."""
        for number, row in enumerate(ROWS):
            rng, shown = Random(f"{seed}/{number}"), 0
            hits: Hits = {}
            for _ in range(cases):
                dialogue = row.draw(rng)
                answer = self.ask(
                    dialogue.messages[:-1], dialogue.tools, dialogue.json_schema
                )
                hits = row.judge(answer, dialogue)
                for line, hit in hits.items():
                    self.lines[line].add(hit)
                if not all(hits.values()) and shown < self.show:
                    shown += 1
                    _print_miss(dialogue, answer)
            for line in hits:
                print(f"  {line}: {self.lines[line]}", flush=True)

    def examine_handwritten(self) -> None:
        """Ask what a person wrote."""
        for dialogue, name, arguments in handwritten_cases():
            calls = self.ask(dialogue.messages[:1], dialogue.tools).tool_calls
            right = [call.name for call in calls] == [name]
            exact = right and dict(calls[0].arguments) == arguments
            self.lines["handwritten: right function"].add(right)
            self.lines["handwritten: whole call exact"].add(exact)
            if self.show and not exact:
                print(f"  asked {dialogue.messages[0].content!r}")
                print(f"    got      {_calls(calls)}")

    def examine_card(self) -> None:
        """Go through the model card's example, which must come out word for word."""
        dialogue, name, arguments = next(handwritten_cases())
        question, tools = dialogue.messages[0], dialogue.tools[:2]
        call = self.ask([question], tools)
        right = _calls(call.tool_calls) == [(name, arguments)]
        told = ""
        if call.tool_calls:
            history = [question, call.message, ToolMessage(CARD_RESULT)]
            told = self.ask(history, tools).text
        self.lines["the card's example, word for word"].add(
            right and told == CARD_ANSWER
        )
        print(f"card: {_calls(call.tool_calls)} → {told or call.text}", flush=True)


def _calls(calls: Sequence[ToolCall]) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, dict(call.arguments)) for call in calls]


def _print_miss(dialogue: Dialogue, answer: Completion) -> None:
    expected = expected_turn(dialogue)
    asked = [m.content for m in dialogue.messages if isinstance(m, UserMessage)][-1]
    print(f"  asked    {asked!r}")
    print(f"    expected {expected.content or _calls(expected.tool_calls)}")
    print(f"    got      {answer.text or _calls(answer.tool_calls)}")


def print_table(columns: dict[str, dict[str, Tally]]) -> None:
    """Print the lines as a Markdown table, with counts and intervals."""
    print(f"\n| | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for line in next(iter(columns.values())):
        cells = (str(lines[line]) for lines in columns.values())
        print(f"| {line} | {' | '.join(cells)} |")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path("hermes_gguf/data/tiny.gguf")
    parser.add_argument("--model", type=Path, default=default)
    parser.add_argument("--cases", type=int, default=500, help="for each row")
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--show", type=int, default=0, help="misses to print a row")
    parser.add_argument("--only", choices=("with", "without"), help="one column")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    started = time.monotonic()
    engine = load_engine(options.model, options=LoadOptions(n_ctx=2048))
    columns: dict[str, dict[str, Tally]] = {}
    try:
        chat = ChatModel(engine, dialect="chatml")
        for column in ("without", "with"):
            if options.only not in (None, column):
                continue
            print(f"# {column} grammar", flush=True)
            examiner = Examiner(chat, grammar=column == "with", show=options.show)
            examiner.examine_rows(cases=options.cases, seed=options.seed)
            examiner.examine_handwritten()
            examiner.examine_card()
            columns[f"{column} grammar"] = examiner.lines
    finally:
        engine.close()
    print_table(columns)
    print(f"\n{time.monotonic() - started:.0f} s; temperature 0; seed {options.seed};")
    print("in parentheses hits, cases and the 95 % Wilson interval")


if __name__ == "__main__":
    main()
