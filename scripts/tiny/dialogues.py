"""Whole dialogues: messages, tools, schema, and which turn is to be learnt.

The mix of kinds is `MIX`. Every dialogue ends with an assistant's turn; training
learns all of its assistant turns, the evaluation asks for the last one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from hermes_gguf.messages import AssistantMessage, SystemMessage, UserMessage

from . import requests, smalltalk
from .copies import echo, recall
from .drills import binding_drill, choice_drill, drill
from .json_mode import draw_extractions
from .scene import Dialogue, draw_request, leave_out_unit, new_scene
from .turns import ask_and_call, correct, refuse
from .unseen_talk import UNSEEN_TALK

__all__ = ["MIX", "Dialogue", "Maker", "draw_dialogue"]


def one_call(rng: Random, test: bool, *, rounds: int | None = None) -> Dialogue:
    """A request and its call; then perhaps the answer, and further requests."""
    scene = new_scene(rng, "call", test)
    rounds = rng.choice([1, 1, 2, 3]) if rounds is None else rounds
    for number in range(rounds):
        member = rng.choice(scene.members)
        text, said = draw_request(scene, member)
        scene.user(text)
        scene.call((member, said))
        if number < rounds - 1:
            scene.respond((member, said))
            if rng.random() < 0.3:
                correct(scene, member, said)
                if rng.random() < 0.5:
                    return scene.dialogue
                scene.respond((member, said))
    return scene.dialogue


def correction(rng: Random, test: bool) -> Dialogue:
    """A call, its answer, and a correction."""
    scene = new_scene(rng, "correction", test)
    members = [m for m in scene.members if m.slots] or scene.members
    member = rng.choice(members)
    text, said = draw_request(scene, member)
    scene.user(text)
    scene.call((member, said))
    scene.respond((member, said))
    correct(scene, member, said)
    return scene.dialogue


def several_calls(rng: Random, test: bool) -> Dialogue:
    """Two or three calls in one request."""
    scene = new_scene(rng, "several", test, rng.choice([1, 2, 2, 3, 3, 4]))
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
        spoken = requests.core(rng, member, leave_out_unit(rng, member, said))
        pieces += [*([(joint, False)] if pieces else []), *spoken]
    scene.user(requests.finish(rng, pieces))
    scene.call(*calls)
    if rng.random() < 0.3:
        scene.respond(*calls)
    return scene.dialogue


def same_again(rng: Random, test: bool) -> Dialogue:
    """One function for two values: "the weather in Oslo and Rome"."""
    scene = new_scene(rng, "several", test, rng.choice([1, 2, 3]))
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
    scene = new_scene(rng, "answer", test)
    member = rng.choice(scene.members)
    text, said = draw_request(scene, member)
    scene.user(text)
    scene.call((member, said))
    scene.respond((member, said))
    return scene.dialogue


def no_tool(rng: Random, test: bool) -> Dialogue:
    """A request that none of the tools can serve, or small talk."""
    scene = new_scene(rng, "no_tool", test)
    if rng.random() < 0.15:
        member = rng.choice(scene.members)
        text, said = draw_request(scene, member)
        scene.user(text)
        scene.call((member, said))
        scene.respond((member, said))
    if rng.random() < (0.3 if test else 0.4):
        if test:
            asked, told = smalltalk.draw_exchange(rng, UNSEEN_TALK)
        else:
            asked, told = smalltalk.draw_beside_tools(rng)
        scene.user(asked)
        scene.say(told)
    else:
        refuse(scene)
    scene.dialogue.shown = ()
    return scene.dialogue


def ask_back(rng: Random, test: bool) -> Dialogue:
    """A request that lacks a required value: ask for it, then call."""
    while True:
        scene = new_scene(rng, "ask_back", test)
        if ask_and_call(scene, rng.choice(scene.members), may_stop=True):
            return scene.dialogue


def json_mode(rng: Random, test: bool) -> Dialogue:
    """Objects extracted from one text, or from several one after the other."""
    rounds = 1 if test else rng.randint(1, 5)
    schema, extractions = draw_extractions(rng, rounds, test=test)
    dialogue = Dialogue("json", json_schema=schema)
    for one in extractions:
        text = json.dumps(one.value, ensure_ascii=False)
        dialogue.messages += [UserMessage(one.text), AssistantMessage(text)]
    return dialogue


def chat(rng: Random, test: bool) -> Dialogue:
    """Small talk, with or without a system prompt."""
    dialogue = Dialogue("chat")
    if rng.random() < 0.5:
        dialogue.messages.append(SystemMessage(rng.choice(smalltalk.SYSTEMS)))
    for _ in range(rng.choice([1, 2, 3])):
        asked, told = smalltalk.draw_beside_tools(rng)
        dialogue.messages += [UserMessage(asked), AssistantMessage(told)]
    return dialogue


Maker = Callable[[Random, bool], Dialogue]

#: Kinds of dialogue and their share of all.
MIX: tuple[tuple[Maker, float], ...] = (
    (drill, 0.15),
    (choice_drill, 0.12),
    (binding_drill, 0.10),
    (one_call, 0.085),
    (several_calls, 0.06),
    (same_again, 0.02),
    (correction, 0.03),
    (answer, 0.04),
    (no_tool, 0.105),
    (ask_back, 0.025),
    (json_mode, 0.20),
    (chat, 0.03),
    (echo, 0.015),
    (recall, 0.02),
)


def draw_dialogue(rng: Random, *, test: bool = False) -> Dialogue:
    """Draw a dialogue of any kind."""
    maker = rng.choices([m for m, _ in MIX], [share for _, share in MIX])[0]
    return maker(rng, test)
