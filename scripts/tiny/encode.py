"""Dialogues → token ids with a weight for each: what training reads.

The prompt is what the package renders for the last assistant turn, followed by that
turn in the form that the grammar forces. Earlier assistant turns inside the prompt
are learnt too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

from hermes_gguf import tags
from hermes_gguf.messages import AssistantMessage, UserMessage
from hermes_gguf.prompt import render_prompt
from hermes_gguf.prompt.rendered import Prompt

from .cutting import NO_CUTS, Cuts, draw_cuts
from .dialogues import Dialogue, draw_dialogue
from .tokenizer import TinyTokenizer

#: Marks of tokens: of the prompt, of an assistant's turn, the first of such a turn.
READ, WRITTEN, FIRST = 0, 1, 2


def render_completion(message: AssistantMessage) -> str:
    """An assistant's turn as the grammar lets a model write it, without its end."""
    if not message.tool_calls:
        return message.content
    bodies = (
        json.dumps(
            {"name": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False
        )
        for call in message.tool_calls
    )
    return "\n".join(
        f"{tags.TOOL_CALL_OPEN}\n{body}\n{tags.TOOL_CALL_CLOSE}" for body in bodies
    )


def render_dialogue(dialogue: Dialogue) -> tuple[Prompt, str]:
    """The prompt of the last assistant turn, and that turn."""
    *history, last = dialogue.messages
    assert isinstance(last, AssistantMessage)
    prompt = render_prompt(
        history, tools=dialogue.tools, json_schema=dialogue.json_schema
    )
    return prompt, render_completion(last)


def encode_dialogue(
    tokenizer: TinyTokenizer, dialogue: Dialogue, rng: Random | None = None
) -> tuple[list[int], list[int]]:
    """Ids of a whole dialogue, and for each its mark; with a `rng`, words are cut."""
    prompt, completion = render_dialogue(dialogue)
    cuts = _draw_cuts(rng, dialogue) if rng else NO_CUTS
    ids = tokenizer.encode_prompt(prompt, cuts)
    ids += tokenizer.encode(completion, cuts=cuts) + [tokenizer.ids[tags.IM_END]]
    return ids, _assistant_turns(tokenizer, ids)


def _draw_cuts(rng: Random, dialogue: Dialogue) -> Cuts:
    """What an answer copies is cut as where it stands; its own words keep theirs."""
    if not dialogue.tools and dialogue.json_schema is None:
        return NO_CUTS
    texts = [json.dumps(dialogue.json_schema or "")]
    for tool in dialogue.tools:
        texts += [tool.name, tool.description, json.dumps(dict(tool.parameters))]
    of = {
        kind: " ".join(m.content for m in dialogue.messages if isinstance(m, kind))
        for kind in (UserMessage, AssistantMessage)
    }
    own = of[AssistantMessage] if dialogue.tools else ""
    return draw_cuts(rng, " ".join(texts), of[UserMessage], own)


def _assistant_turns(tokenizer: TinyTokenizer, ids: list[int]) -> list[int]:
    opening = tokenizer.encode(f"{tags.IM_START}assistant\n", markup=True)
    end = tokenizer.ids[tags.IM_END]
    marks, next_mark = list[int](), READ
    for at, token in enumerate(ids):
        marks.append(next_mark)
        if next_mark != READ:
            next_mark = READ if token == end else WRITTEN
        elif ids[max(0, at + 1 - len(opening)) : at + 1] == opening:
            next_mark = FIRST
    return marks


def training_rows(
    tokenizer: TinyTokenizer, rng: Random, max_tokens: int
) -> Iterator[tuple[list[int], list[int]]]:
    """Encoded dialogues without end; a long one stops after the last answer that fits.

    To leave long ones out would be to leave out those with many tools.
    """
    end = tokenizer.ids[tags.IM_END]
    while True:
        ids, marks = encode_dialogue(tokenizer, draw_dialogue(rng), rng)
        length = min(len(ids), max_tokens)
        while length and not (ids[length - 1] == end and marks[length - 1] >= WRITTEN):
            length -= 1
        if length:
            yield ids[:length], marks[:length]
