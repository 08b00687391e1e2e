"""The two rows that `hermes-gguf eval` has not: the handwritten list and the card.

`python -m scripts.tiny.evaluate [--model FILE]` goes through the package itself at
temperature 0. The table of the held-out cases is `hermes-gguf eval FILE`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hermes_gguf.chat.model import ChatModel
from hermes_gguf.engine import load_engine
from hermes_gguf.evaluation import Tally
from hermes_gguf.evaluation.run import GREEDY, MAX_TOKENS
from hermes_gguf.messages import ToolCall, ToolMessage
from hermes_gguf.options import LoadOptions

from .handwritten import CARD_ANSWER, CARD_RESULT, handwritten_cases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path("hermes_gguf/data/tiny.gguf")
    parser.add_argument("--model", type=Path, default=default)
    parser.add_argument("--show", action="store_true", help="print every miss")
    options = parser.parse_args()
    with load_engine(options.model, options=LoadOptions(n_ctx=2048)) as engine:
        chat = ChatModel(engine, dialect="chatml")
        for grammar in (False, True):
            print("with grammar" if grammar else "without grammar")
            examine_handwritten(chat, grammar=grammar, show=options.show)
            print(f"  card word for word: {examine_card(chat, grammar=grammar)}")


def examine_handwritten(chat: ChatModel, *, grammar: bool, show: bool) -> None:
    """Ask what a person wrote, and print the counts."""
    function, exact = Tally(), Tally()
    for dialogue, name, arguments in handwritten_cases():
        answer = chat.complete(
            dialogue.messages[:1],
            tools=dialogue.tools,
            sampling=GREEDY,
            max_tokens=MAX_TOKENS,
            constrain=grammar,
        )
        calls = _calls(answer.tool_calls)
        function.add([call[0] for call in calls] == [name])
        exact.add(calls == [(name, arguments)])
        if show and calls != [(name, arguments)]:
            print(f"  {dialogue.messages[0].content!r}\n    {calls or answer.text}")
    for line, tally in (("right function", function), ("whole call exact", exact)):
        low, high = tally.interval()
        print(f"  {line}: {tally.hits}/{tally.tries} ({low:.1%} to {high:.1%})")


def examine_card(chat: ChatModel, *, grammar: bool) -> bool:
    """The model card's example, which must come out word for word."""
    dialogue, name, arguments = next(handwritten_cases())
    question, tools = dialogue.messages[0], dialogue.tools[:2]
    ask: dict[str, Any] = {"sampling": GREEDY, "constrain": grammar, "tools": tools}
    call = chat.complete([question], max_tokens=MAX_TOKENS, **ask)
    if _calls(call.tool_calls) != [(name, arguments)]:
        return False
    history = [question, call.message, ToolMessage(CARD_RESULT)]
    told = chat.complete(history, max_tokens=MAX_TOKENS, **ask)
    return told.text == CARD_ANSWER


def _calls(calls: Sequence[ToolCall]) -> list[tuple[str, dict[str, Any]]]:
    return [(call.name, dict(call.arguments)) for call in calls]


if __name__ == "__main__":
    main()
