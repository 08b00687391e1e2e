"""What a person says to get one call: the lead, the clauses, the manners, the typos.

A request is built from pieces, each either wording or value, so that typos and
case changes never touch a value that the call must copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any

from . import coining, values
from .domains import FUNCTIONS
from .functions import Member, Slot, object_fields
from .spec import split

_OPENERS = split(
    "please|can you|could you|hey,|hi,|ok,|could you please|would you|i need you to"
    "|hello!|go ahead and|hey there,|quick one:|i'd like to|i want to|i'd like you to"
    "|let's|we should|do me a favor and|help me to|is it possible to|can i|i have to"
    "|would you be so kind and|can you please|i would like to|hermes,|now|kindly"
)
_SOFT_OPENERS = split(
    "hey,|hi,|hello,|ok,|so,|hm,|hi there!|good morning!|hey hermes,|please tell me,"
    "|quick question:|tell me,|i was wondering,|sorry,|do you know,|one thing:|well,"
)
_CLOSERS = split(
    "please|thanks|thank you|for me|now|if you can|ok?|would you?|pls|cheers|right now"
    "|when you have time|as soon as possible|that would be great|many thanks"
)
#: Said before the request; no value of the call is in it.
_CONTEXTS = split(
    "i'm in a hurry.|we have guests tonight.|i just came home.|it's my day off."
    "|i'm at work.|my friends are here.|i almost forgot.|i am cooking.|we are late."
    "|i'm planning something.|i'm driving.|my boss wants it.|the kids are asleep."
    "|i have a question.|it's urgent.|i'm not sure how this works.|here is what i need."
    "|good to see you.|that was nice.|listen.|i'm back.|we talked about it yesterday."
)
_NOT_IMPERATIVE = re.compile(
    r"(what|how|is|will|where|when|which|who|do|does|any|i|my|we|are|did|let's|new|there|someone|time|it|it's|see|would|don't|you|why|they|your|all|today|next)\b"
)
#: What begins a way to ask, but no name of a function: not certainly an order either.
_NO_ORDER = {ask.split()[0] for function in FUNCTIONS for ask in function.asks} - {
    name.split("_")[0] for function in FUNCTIONS for name in function.names
}
#: Kinds of an object's fields whose values need no name beside them.
_TELLING = {"address", "city", "person", "first_name", "email", "phone", "company"}
#: A clause that begins so can follow without a comma.
_JOINED = re.compile(
    r"(with|at|for|on|in|to|from|of|by|using|about|under|into|as|called|named|titled|due"
    r"|saying|until|between|against|without|where|and|taking|putting|inside)\b"
)
_QUOTABLE = {"sentence", "title", "word", "task", "topic", "thing"}

Piece = tuple[str, bool]


@dataclass(frozen=True)
class Said:
    """A value as it was drawn: what the request says, what the call has."""

    slot: Slot
    spoken: str
    value: Any


def draw_value(rng: Random, slot: Slot) -> Said:
    """Draw a value for a parameter of a member."""
    kind = slot.param.kind
    if slot.choices:
        choice = rng.choice(slot.choices)
        return Said(slot, choice, choice)
    if kind == "bool":
        value = rng.random() < 0.5
        return Said(slot, str(value).lower(), value)
    if kind.startswith("list:"):
        return Said(slot, *values.draw_list(rng, kind.removeprefix("list:")))
    if kind.startswith("object:"):
        drawn = {
            name: values.KINDS[of](rng) for name, of in object_fields(kind).items()
        }
        joint = rng.choice([", ", " and "])
        if set(object_fields(kind).values()) <= _TELLING and rng.random() < 0.5:
            spoken = ", ".join(said for said, _ in drawn.values())
        else:
            spoken = joint.join(f"{name} {said}" for name, (said, _) in drawn.items())
        return Said(slot, spoken, {name: value for name, (_, value) in drawn.items()})
    spoken, value = values.KINDS[kind](rng)
    if kind in _QUOTABLE and rng.random() < 0.2:
        spoken = rng.choice(["'{}'", '"{}"']).format(spoken)
    return Said(slot, spoken, value)


def draw_values(
    rng: Random, member: Member, *, optional_share: float = 0.5
) -> dict[int, Said]:
    """Values for a call, by the parameter's index; no two are spoken alike."""
    drawn: dict[int, Said] = {}
    spoken: set[str] = set()
    for slot in member.slots:
        if not slot.param.required and rng.random() >= optional_share:
            continue
        said = draw_value(rng, slot)
        for _ in range(5):
            if said.spoken not in spoken:
                break
            said = draw_value(rng, slot)
        spoken.add(said.spoken)
        drawn[slot.index] = said
    return drawn


def arguments(member: Member, said: dict[int, Said]) -> dict[str, Any]:
    """The call's arguments, in the order of the schema."""
    return {
        slot.name: said[slot.index].value for slot in member.slots if slot.index in said
    }


def clause(rng: Random, said: Said, avoid: set[str]) -> list[Piece]:
    """A clause that brings the value in: the family's own, or one from the name."""
    param = said.slot.param
    if param.kind == "bool":
        yes, no = "|".join(param.says).split("~")
        return [(rng.choice((yes if said.value else no).split("|")), False)]
    name = said.slot.words
    own = [text for text in param.says if text not in avoid and text != "{}"]
    is_test = coining.is_held_out(rng)
    if not own or (rng.random() < 0.18 and not is_test):
        own = [
            f"with {name} {{}}",
            f"{name}: {{}}",
            f"the {name} is {{}}",
            f"with the {name} {{}}",
            f"use {{}} as the {name}",
            f"{name} should be {{}}",
        ]
        if not is_test:
            own += [f"{word} {name} {{}}" for word in ("the", "for the", "of the")]
    picked = rng.choice(own)
    avoid.add(picked)
    return _fill(picked, {"": said.spoken})


def _fill(template: str, spoken: dict[str, str]) -> list[Piece]:
    pieces: list[Piece] = []
    for index, part in enumerate(re.split(r"\{(\w*)\}", template)):
        if index % 2:
            pieces.append((spoken[part], True))
        elif part:
            pieces.append((part, False))
    return pieces


def ask(rng: Random, member: Member, said: dict[int, Said]) -> str:
    """A whole request for one call."""
    pieces = core(rng, member, said)
    return finish(rng, _manners(rng, pieces))


def core(rng: Random, member: Member, said: dict[int, Said]) -> list[Piece]:
    """Lead and clauses, without manners."""
    usable = [text for text in member.function.asks if _leads(text) <= set(said)]
    lead = rng.choice(usable or [member.words])
    if "{where}" in lead:
        where = "".join(text for text, _ in clause(rng, said[0], set()))
        pieces = _fill(lead, {"where": where})
        inside = {0}
    else:
        pieces = _fill(
            lead, {str(index): value.spoken for index, value in said.items()}
        )
        inside = _leads(lead)
    rest = [index for index in said if index not in inside]
    if rng.random() < 0.5:
        rng.shuffle(rest)
    avoid: set[str] = set()
    clauses = [clause(rng, said[index], avoid) for index in rest]
    if clauses and not inside and rng.random() < 0.08:
        pieces = [*clauses.pop(0), (", ", False), *pieces]
    for number, one in enumerate(clauses):
        last = number == len(clauses) - 1
        joint = _joint(rng, one[0][0], is_last=number > 0 and last)
        pieces = [*pieces, (joint, False), *one]
    return pieces


def _joint(rng: Random, clause: str, *, is_last: bool) -> str:
    """What stands before a clause, so that a person could have typed it."""
    if clause.startswith("and "):
        return " "
    joints = [", ", ", ", ", "] + ([" and "] if is_last else ["; "])
    if _JOINED.match(clause):
        joints += [" "] * 6
    return rng.choice(joints)


def _leads(lead: str) -> set[int]:
    indices = {int(index) for index in re.findall(r"\{(\d)\}", lead)}
    return indices | ({0} if "{where}" in lead else set())


def _manners(rng: Random, pieces: list[Piece]) -> list[Piece]:
    head = pieces[0][0]
    question = _NOT_IMPERATIVE.match(head) is not None
    if not coining.is_held_out(rng):
        question = question or not head or head.split()[0] in _NO_ORDER
        # A value or a clause that stands first is no order either.
        question = question or pieces[0][1] or _JOINED.match(head) is not None
    if rng.random() < 0.4:
        opener = rng.choice(_SOFT_OPENERS if question else _OPENERS)
        pieces = [(opener + " ", False), *pieces]
    if rng.random() < 0.15:
        pieces = [*pieces, (rng.choice([", ", " "]) + rng.choice(_CLOSERS), False)]
    if rng.random() < 0.06:
        pieces = [(rng.choice(_CONTEXTS) + " ", False), *pieces]
    return pieces


def finish(rng: Random, pieces: list[Piece]) -> str:
    """Case, typos and a last sign; values stay as they are."""
    if rng.random() < 0.05:
        pieces = [
            (text if fixed else _typo(rng, text), fixed) for text, fixed in pieces
        ]
    if pieces[0][1] is False and rng.random() < 0.55:
        head = pieces[0][0]
        pieces = [(head[:1].upper() + head[1:], False), *pieces[1:]]
    if rng.random() < 0.01:
        pieces = [(text if fixed else text.upper(), fixed) for text, fixed in pieces]
    return "".join(text for text, _ in pieces) + rng.choice(
        ["", "", "", ".", "?", "!", "."]
    )


def _typo(rng: Random, text: str) -> str:
    letters = [i for i in range(1, len(text) - 1) if text[i - 1 : i + 2].isalpha()]
    if not letters:
        return text
    at = rng.choice(letters)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at] + text[at:]
