"""Tool results, and the sentence that tells a person what they say.

A result is the text of a `<tool_response>`. Every value in it comes back in the
sentence, spelled as the result spells it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from . import coining, values
from .functions import Member
from .requests import Said

_ERRORS = (
    "not found", "connection timed out", "permission denied", "service unavailable",
    "invalid {slot}", "no such {slot}", "rate limit exceeded", "unknown {slot}",
    "the server is down", "{slot} is out of range", "access forbidden", "no network",
    "quota exceeded", "it is already booked", "{slot} must not be empty",
)  # fmt: skip
_SORRY = (
    "I'm sorry, that did not work: {e}.",
    "That failed: {e}. Shall I try again?",
    "I could not do that: {e}.",
    "Sorry, there was an error: {e}.",
)
_DONE = (
    "Done. The {w} is {v}.",
    "It is done: {v}.",
    "All set, the {w} is {v}.",
    "The {w} is {v}.",
)
_BARE = (
    "The {w} is {v}.",
    "The {w} is {v}.",
    "The {w}: {v}.",
    "Here you go, the {w} is {v}.",
)


@dataclass(frozen=True)
class Outcome:
    """What a call gave.

    Attributes:
        content: Text of the tool message.
        sentence: How the assistant tells it.
        shown: The texts that the sentence must contain.
    """

    content: str
    sentence: str
    shown: tuple[str, ...]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def draw_outcome(rng: Random, member: Member, said: dict[int, Said]) -> Outcome:
    """Draw the result of a call, now and then an error."""
    if rng.random() < 0.08:
        return _failure(rng, member)
    fields: dict[str, Any] = {}
    for give in member.function.gives:
        name, kind = give.split("=")
        fields[name] = values.KINDS[kind](rng)[1]
    if rng.random() < 0.04:
        items = values.draw_list(
            rng, rng.choice(["title", "thing", "first_name", "word"])
        )[1]
        return _listed(rng, member, items)
    if len(fields) == 1:
        return _single(rng, member, said, *next(iter(fields.items())))
    return _several(rng, member, said, fields)


def _failure(rng: Random, member: Member) -> Outcome:
    slot = rng.choice(member.slots).words if member.slots else "request"
    error = rng.choice(_ERRORS).replace("{slot}", slot)
    if not coining.is_held_out(rng) and rng.random() < 0.35:
        error = values.sentence(rng)[0]
    if rng.random() < 0.4:
        error = f"{error}: {coining.made_up(rng)}"
    kind = rng.choice(["ValueError", "TimeoutError", "RuntimeError", "KeyError"])
    content = rng.choice(
        [
            json.dumps({"error": error}),
            f"Error: {error}",
            json.dumps({"status": "error", "message": error}),
            f"{kind}: {error}",
        ]
    )
    return Outcome(content, rng.choice(_SORRY).replace("{e}", error), (error,))


def _listed(rng: Random, member: Member, items: list[Any]) -> Outcome:
    name = member.function.gives[0].split("=")[0]
    texts = [_text(item) for item in items]
    joined = ", ".join(texts[:-1]) + (" and " if len(texts) > 1 else "") + texts[-1]
    content = json.dumps(items, ensure_ascii=False)
    if rng.random() < 0.4:
        content = json.dumps({name.replace(" ", "_"): items}, ensure_ascii=False)
    return Outcome(content, f"Here is what I found: {joined}.", tuple(texts))


def _single(
    rng: Random, member: Member, said: dict[int, Said], name: str, value: Any
) -> Outcome:
    key = name.replace(" ", "_")
    wrapped = [json.dumps({k: value}, ensure_ascii=False) for k in (key, "result", key)]
    wrapped.append(json.dumps({"success": True, key: value}, ensure_ascii=False))
    content = _text(value) if rng.random() < 0.55 else rng.choice(wrapped)
    shown = _text(value)
    told = [a for a in member.function.answers if _can_tell(a, said)]
    if told and rng.random() < 0.85:
        sentence = told[0] if rng.random() < 0.6 else rng.choice(told)
        for index, one in said.items():
            spelled = _text(one.value)
            unit = (
                spelled.capitalize()
                if spelled in ("celsius", "fahrenheit")
                else spelled
            )
            sentence = sentence.replace(f"{{{index}}}", unit)
        return Outcome(content, sentence.replace("{r}", shown), (shown,))
    form = rng.choice(_DONE if name == "status" or name.endswith(" id") else _BARE)
    sentence = form.replace("{w}", name).replace("{v}", shown)
    return Outcome(content, _about(rng, said, sentence), (shown,))


def _can_tell(answer: str, said: dict[int, Said]) -> bool:
    return all(f"{{{i}}}" not in answer or i in said for i in range(5))


def _about(rng: Random, said: dict[int, Said], sentence: str) -> str:
    """Now and then say first whom or what the sentence is about."""
    texts = [s.value for s in said.values() if isinstance(s.value, str)]
    if not texts or rng.random() < 0.7:
        return sentence
    return f"For {texts[0]}: {sentence[0].lower()}{sentence[1:]}"


def _several(
    rng: Random, member: Member, said: dict[int, Said], fields: dict[str, Any]
) -> Outcome:
    keyed = {name.replace(" ", "_"): value for name, value in fields.items()}
    parts = [f"the {name} is {_text(value)}" for name, value in fields.items()]
    joined = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    sentence = _about(rng, said, joined[0].upper() + joined[1:] + ".")
    return Outcome(
        json.dumps(keyed, ensure_ascii=False),
        sentence,
        tuple(map(_text, fields.values())),
    )
