"""Whole dialogues: messages, tools, schema, and which turn is to be learnt.

The mix of kinds is `MIX`. Every dialogue ends with an assistant's turn; training
learns all of its assistant turns, the evaluation asks for the last one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hermes_gguf.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    Tool,
    ToolCall,
    ToolMessage,
    UserMessage,
)

from . import requests, smalltalk, words
from .answers import draw_outcome
from .domains.knowledge import TEMPERATURE, WIND
from .functions import Member, sample
from .json_mode import draw_extraction
from .spec import Function
from .synthetic import any_function, is_made_up, sibling


@dataclass
class Dialogue:
    """One dialogue.

    Attributes:
        kind: Its name in `MIX`.
        messages: The turns, the last one an assistant's.
        tools: The functions that are shown.
        json_schema: The schema of JSON mode, or None.
        shown: What a final sentence must contain.
    """

    kind: str
    messages: list[Message] = field(default_factory=list)
    tools: tuple[Tool, ...] = ()
    json_schema: dict[str, Any] | None = None
    shown: tuple[str, ...] = ()


@dataclass
class Scene:
    """A dialogue in the making: who may be called, and what was said so far."""

    rng: Random
    members: list[Member]
    test: bool
    dialogue: Dialogue

    def user(self, text: str) -> None:
        self.dialogue.messages.append(UserMessage(text))

    def say(self, text: str) -> None:
        self.dialogue.messages.append(AssistantMessage(text))

    def call(self, *calls: tuple[Member, dict[int, requests.Said]]) -> None:
        made = tuple(ToolCall(m.name, requests.arguments(m, said)) for m, said in calls)
        self.dialogue.messages.append(AssistantMessage(tool_calls=made))

    def respond(self, *calls: tuple[Member, dict[int, requests.Said]]) -> None:
        """Give the results of the calls, and tell them in words."""
        outcomes = [draw_outcome(self.rng, m, said) for m, said in calls]
        self.dialogue.messages += [ToolMessage(o.content) for o in outcomes]
        self.say(" ".join(o.sentence for o in outcomes))
        self.dialogue.shown = tuple(text for o in outcomes for text in o.shown)


def draw_members(rng: Random, *, test: bool, count: int | None = None) -> list[Member]:
    """One to six functions with different names; now and then the card's two."""
    if count is None:
        count = rng.choices([1, 2, 3, 4, 5, 6], [22, 24, 24, 14, 9, 7])[0]
    if not test and rng.random() < 0.08:
        return _card_members(rng, count)
    members: list[Member] = []
    families: set[int] = set()
    while len(members) < count:
        function = any_function(rng, test=test)
        made_up = [m.function for m in members if is_made_up(m.function)]
        if not test and made_up and rng.random() < 0.25:
            function = sibling(rng, rng.choice(made_up))
        member = sample(rng, function, rename=not test)
        if id(function) in families or member.name in {m.name for m in members}:
            continue
        families.add(id(function))
        members.append(member)
    return members


def _card_members(rng: Random, count: int) -> list[Member]:
    pair = [sample(rng, TEMPERATURE, plain=True), sample(rng, WIND, plain=True)]
    pair = [_card_spelling(member) for member in pair]
    return pair if rng.random() < 0.7 else pair[: max(1, min(count, 2))]


def _card_spelling(member: Member) -> Member:
    """The card's two functions, word for word.

    Source: model card of NousResearch/Hermes-2-Pro-Llama-3-8B.
    """
    place = {
        "type": "string",
        "description": (
            'The location to get the temperature for, in the format "City, Country"'
        ),
    }
    if member.function is WIND:
        parameters = {
            "type": "object",
            "properties": {"location": place},
            "required": ["location"],
        }
        returns = "The current wind speed at the given location in km/h, as a float."
    else:
        unit = {
            "type": "string",
            "enum": ["celsius", "fahrenheit"],
            "description": "The unit to return the temperature in.",
        }
        parameters = {
            "type": "object",
            "properties": {"location": place, "unit": unit},
            "required": ["location", "unit"],
        }
        returns = (
            "The current temperature at the specified location in the specified units,"
            " as a float."
        )
    tool = Tool(
        member.name,
        member.function.does[0],
        parameters,
        {"type": "number", "description": returns},
    )
    return Member(member.function, member.name, member.slots, tool)


def _scene(rng: Random, kind: str, test: bool, count: int | None = None) -> Scene:
    members = draw_members(rng, test=test, count=count)
    dialogue = Dialogue(kind, tools=tuple(member.tool for member in members))
    if rng.random() < 0.06:
        dialogue.messages.append(SystemMessage(rng.choice(smalltalk.SYSTEMS)))
    return Scene(rng, members, test, dialogue)


def _request(scene: Scene, member: Member) -> tuple[str, dict[int, requests.Said]]:
    said = requests.draw_values(scene.rng, member)
    text = requests.ask(scene.rng, member, _without_unit(scene.rng, member, said))
    return text, said


def _without_unit(
    rng: Random, member: Member, said: dict[int, requests.Said]
) -> dict[int, requests.Said]:
    """A temperature's unit need not be said: then it is celsius."""
    kept = dict(said)
    for index, one in said.items():
        if one.slot.param.kind == "unit" and (
            one.value == "celsius" and rng.random() < 0.75
        ):
            del kept[index]
    return kept


def one_call(rng: Random, test: bool, *, rounds: int | None = None) -> Dialogue:
    """A request and its call; then perhaps the answer, and further requests."""
    scene = _scene(rng, "call", test)
    rounds = rng.choice([1, 2, 3, 4, 5, 6]) if rounds is None else rounds
    for number in range(rounds):
        member = rng.choice(scene.members)
        text, said = _request(scene, member)
        scene.user(text)
        scene.call((member, said))
        if number < rounds - 1:
            scene.respond((member, said))
            if rng.random() < 0.3:
                _correction(scene, member, said)
                if rng.random() < 0.5:
                    return scene.dialogue
                scene.respond((member, said))
    return scene.dialogue


def _correction(scene: Scene, member: Member, said: dict[int, requests.Said]) -> None:
    """Ask again with one value changed, which the call must take up."""
    rng = scene.rng
    changeable = [
        s
        for s in said.values()
        if s.slot.param.kind != "bool" and len(s.slot.choices) != 1
    ]
    if not changeable:
        text, new = _request(scene, member)
        said.clear()
        said.update(new)
    else:
        old = rng.choice(changeable)
        new_value = requests.draw_value(rng, old.slot)
        said[old.slot.index] = new_value
        bit = requests.clause(rng, new_value, set())
        forms = [
            ("and ", "?"),
            ("what about ", "?"),
            ("and ", " ?"),
            ("no, ", ""),
            ("sorry, ", ""),
            ("i meant ", ""),
            ("the same ", ""),
            ("now ", ""),
            ("actually ", ""),
            ("do it again ", ""),
        ]
        before, after = rng.choice(forms)
        text = requests.finish(rng, [(before, False), *bit, (after, False)])
    scene.user(text)
    scene.call((member, said))


def correction(rng: Random, test: bool) -> Dialogue:
    """A call, its answer, and a correction."""
    scene = _scene(rng, "correction", test)
    members = [m for m in scene.members if m.slots] or scene.members
    member = rng.choice(members)
    text, said = _request(scene, member)
    scene.user(text)
    scene.call((member, said))
    scene.respond((member, said))
    _correction(scene, member, said)
    return scene.dialogue


def several_calls(rng: Random, test: bool) -> Dialogue:
    """Two or three calls in one request."""
    scene = _scene(rng, "several", test, rng.choice([1, 2, 2, 3, 3, 4]))
    count = rng.choice([2, 2, 2, 2, 3])
    if rng.random() < 0.5 and len(scene.members) > 1:
        chosen = rng.sample(scene.members, min(count, len(scene.members)))
    else:
        chosen = [rng.choice(scene.members)] * count
    calls, pieces = [], list[requests.Piece]()
    joint = rng.choice(
        [
            " and ",
            " and then ",
            ", then ",
            ". also ",
            "; ",
            " and also ",
            ", and ",
            ". then ",
        ]
    )
    for member in chosen:
        said = requests.draw_values(rng, member, optional_share=0.3)
        calls.append((member, said))
        spoken = requests.core(rng, member, _without_unit(rng, member, said))
        pieces += [*([(joint, False)] if pieces else []), *spoken]
    scene.user(requests.finish(rng, pieces))
    scene.call(*calls)
    if rng.random() < 0.3:
        scene.respond(*calls)
    return scene.dialogue


def same_again(rng: Random, test: bool) -> Dialogue:
    """One function for two values: "the weather in Oslo and Rome"."""
    scene = _scene(rng, "several", test, rng.choice([1, 2, 3]))
    fit = [
        m
        for m in scene.members
        if len(m.slots) == 1
        and not m.slots[0].choices
        and not m.slots[0].param.kind.startswith(("list", "object", "bool", "sentence"))
    ]
    if not fit:
        return several_calls(rng, test)
    member = rng.choice(fit)
    first, second = (
        requests.draw_value(rng, member.slots[0]),
        requests.draw_value(rng, member.slots[0]),
    )
    both = requests.Said(member.slots[0], f"{first.spoken} and {second.spoken}", None)
    index = member.slots[0].index
    scene.user(requests.ask(rng, member, {index: both}))
    scene.call((member, {index: first}), (member, {index: second}))
    return scene.dialogue


def answer(rng: Random, test: bool) -> Dialogue:
    """A call and the sentence that tells its result."""
    scene = _scene(rng, "answer", test)
    member = rng.choice(scene.members)
    text, said = _request(scene, member)
    scene.user(text)
    scene.call((member, said))
    scene.respond((member, said))
    return scene.dialogue


def no_tool(rng: Random, test: bool) -> Dialogue:
    """A request that none of the tools can serve, or small talk."""
    scene = _scene(rng, "no_tool", test)
    if rng.random() < 0.35:
        asked, told = smalltalk.draw_exchange(rng)
    else:
        other = _foreign(rng, scene, test)
        asked = requests.ask(rng, other, requests.draw_values(rng, other))
        told = rng.choices(smalltalk.NO_TOOL, [4, 1, 1])[0]
    if rng.random() < 0.15:
        member = rng.choice(scene.members)
        text, said = _request(scene, member)
        scene.user(text)
        scene.call((member, said))
        scene.respond((member, said))
    scene.user(asked)
    scene.say(told)
    scene.dialogue.shown = ()
    return scene.dialogue


def _foreign(rng: Random, scene: Scene, test: bool) -> Member:
    """A function that shares no word with those shown."""
    shown = {word for member in scene.members for word in member.words.split()}
    families = {id(member.function) for member in scene.members}
    while True:
        function: Function = any_function(rng, test=test)
        member = sample(rng, function, rename=not test)
        if id(function) not in families and not shown & set(member.words.split()):
            return member


def ask_back(rng: Random, test: bool) -> Dialogue:
    """A request that lacks a required value: ask for it, then call."""
    for _ in range(20):
        scene = _scene(rng, "ask_back", test)
        member = rng.choice(scene.members)
        said = requests.draw_values(rng, member, optional_share=0.2)
        missing = [
            s for s in said.values() if s.slot.param.required and _can_lack(member, s)
        ]
        if missing:
            break
    else:
        return no_tool(rng, test)
    lacking = rng.choice(missing)
    rest = {index: one for index, one in said.items() if one is not lacking}
    scene.user(requests.ask(rng, member, _without_unit(rng, member, rest)))
    scene.say(
        rng.choices(smalltalk.ASK_BACK, [4, 1, 1])[0].replace("{w}", lacking.slot.words)
    )
    if rng.random() < 0.5:
        return scene.dialogue
    reply = lacking.spoken
    if rng.random() < 0.4:
        reply = "".join(text for text, _ in requests.clause(rng, lacking, set()))
    scene.user(reply + rng.choice(["", ".", " please"]))
    scene.call((member, said))
    return scene.dialogue


def _can_lack(member: Member, said: requests.Said) -> bool:
    kind = said.slot.param.kind
    needed = f"{{{said.slot.index}}}"
    free = any(
        needed not in text and "{where}" not in text for text in member.function.asks
    )
    return (
        free
        and kind != "unit"
        and all(needed not in text for text in member.function.asks)
    )


def json_mode(rng: Random, test: bool) -> Dialogue:
    """An object extracted from a text."""
    drawn = draw_extraction(rng, test=test)
    text = json.dumps(drawn.value, ensure_ascii=False)
    return Dialogue(
        "json",
        [UserMessage(drawn.text), AssistantMessage(text)],
        json_schema=drawn.schema,
    )


def chat(rng: Random, test: bool) -> Dialogue:
    """Small talk, with or without a system prompt."""
    dialogue = Dialogue("chat")
    if rng.random() < 0.5:
        dialogue.messages.append(SystemMessage(rng.choice(smalltalk.SYSTEMS)))
    for _ in range(rng.choice([1, 2, 3])):
        asked, told = smalltalk.draw_exchange(rng)
        dialogue.messages += [UserMessage(asked), AssistantMessage(told)]
    return dialogue


def echo(rng: Random, test: bool) -> Dialogue:
    """Short and full of copying: how a model of this size learns to copy."""
    pool = [words.THINGS, words.FIRST_NAMES, words.ADJECTIVES]
    items = [rng.choice(rng.choice(pool)) for _ in range(rng.randint(2, 8))]
    items += [requests.values.made_up(rng) for _ in range(rng.randint(2, 6))]
    rng.shuffle(items)
    text = " ".join(items)
    return Dialogue("echo", [UserMessage(f"repeat: {text}"), AssistantMessage(text)])


Maker = Callable[[Random, bool], Dialogue]

#: Kinds of dialogue and their share of all.
MIX: tuple[tuple[Maker, float], ...] = (
    (one_call, 0.40),
    (several_calls, 0.09),
    (same_again, 0.03),
    (correction, 0.04),
    (answer, 0.06),
    (no_tool, 0.07),
    (ask_back, 0.05),
    (json_mode, 0.19),
    (chat, 0.05),
    (echo, 0.02),
)


def draw_dialogue(rng: Random, *, test: bool = False) -> Dialogue:
    """Draw a dialogue of any kind."""
    maker = rng.choices([m for m, _ in MIX], [share for _, share in MIX])[0]
    return maker(rng, test)
