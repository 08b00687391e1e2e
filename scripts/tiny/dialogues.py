"""Whole dialogues: messages, tools, schema, and which turn is to be learnt.

The mix of kinds is `MIX`. Every dialogue ends with an assistant's turn; training
learns all of its assistant turns, the evaluation asks for the last one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from hermes_gguf.messages import AssistantMessage, SystemMessage, UserMessage

from . import requests, smalltalk, words
from .functions import Member, sample
from .json_mode import draw_extractions
from .scene import Dialogue, Scene, draw_request, leave_out_unit, new_scene
from .spec import Function
from .synthetic import any_function, are_alike, is_made_up, rival
from .unseen_talk import UNSEEN_TALK

__all__ = ["MIX", "Dialogue", "Maker", "draw_dialogue"]


def drill(rng: Random, test: bool) -> Dialogue:
    """Several tools, and one short request after the other: a decision in each."""
    scene = new_scene(rng, "call", test, rng.choice([2, 3, 3, 4, 4, 5, 6]))
    rounds = rng.randint(3, 7)
    todo = rng.sample(scene.members, len(scene.members))
    for _ in range(rounds):
        member = todo.pop() if todo else rng.choice(scene.members)
        drawn = rng.random()
        if drawn < 0.18:
            _refuse(scene)
            continue
        if drawn < 0.21:
            asked, told = smalltalk.draw_exchange(rng)
            scene.user(asked)
            scene.say(told)
            continue
        if drawn < 0.33 and _ask_and_call(scene, member):
            continue
        text, said = draw_request(scene, member)
        scene.user(text)
        scene.call((member, said))
        if rng.random() < 0.15:
            scene.respond((member, said))
            if rng.random() < 0.3:
                _correction(scene, member, said)
    return scene.dialogue


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
        text, new = draw_request(scene, member)
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
    scene = new_scene(rng, "correction", test)
    members = [m for m in scene.members if m.slots] or scene.members
    member = rng.choice(members)
    text, said = draw_request(scene, member)
    scene.user(text)
    scene.call((member, said))
    scene.respond((member, said))
    _correction(scene, member, said)
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
    if rng.random() < 0.3:
        topics = UNSEEN_TALK if test else smalltalk.TOPICS
        asked, told = smalltalk.draw_exchange(rng, topics)
        scene.user(asked)
        scene.say(told)
    else:
        _refuse(scene)
    scene.dialogue.shown = ()
    return scene.dialogue


def _refuse(scene: Scene) -> None:
    """Ask for a function that is not there; often it is close to one that is."""
    other = _foreign(scene)
    said = requests.draw_values(scene.rng, other)
    scene.user(requests.ask(scene.rng, other, said))
    scene.say(smalltalk.NO_TOOL[0])


def _foreign(scene: Scene) -> Member:
    """A function that none of the shown ones is, but perhaps a rival of one."""
    rng, test = scene.rng, scene.test
    shown = [member.function for member in scene.members]
    names = [set(member.words.split()) for member in scene.members]
    made_up = [function for function in shown if is_made_up(function)]
    while True:
        if made_up and rng.random() < 0.3:
            close = rival(rng, rng.choice(made_up), test=test)
            if not any(are_alike(close, function) for function in shown):
                return sample(rng, close)
        function: Function = any_function(rng, test=test)
        member = sample(rng, function)
        said = set(member.words.split())
        if function not in shown and not any(said & name for name in names):
            return member


def ask_back(rng: Random, test: bool) -> Dialogue:
    """A request that lacks a required value: ask for it, then call."""
    while True:
        scene = new_scene(rng, "ask_back", test)
        if _ask_and_call(scene, rng.choice(scene.members), may_stop=True):
            return scene.dialogue


def _ask_and_call(scene: Scene, member: Member, *, may_stop: bool = False) -> bool:
    """Leave out a required value, be asked for it, and say it; False if none fits."""
    rng = scene.rng
    said = requests.draw_values(rng, member, optional_share=0.2)
    missing = [s for s in said.values() if _can_lack(member, s)]
    if not missing:
        return False
    lacking = rng.choice(missing)
    rest = {index: one for index, one in said.items() if one is not lacking}
    scene.user(requests.ask(rng, member, leave_out_unit(rng, member, rest)))
    scene.say(smalltalk.ASK_BACK[0].replace("{w}", lacking.slot.words))
    if may_stop and rng.random() < 0.5:
        return True
    reply = lacking.spoken
    if rng.random() < 0.4:
        reply = "".join(text for text, _ in requests.clause(rng, lacking, set()))
    scene.user(reply + rng.choice(["", ".", " please"]))
    scene.call((member, said))
    return True


def _can_lack(member: Member, said: requests.Said) -> bool:
    needed = f"{{{said.slot.index}}}"
    return (
        said.slot.param.required
        and said.slot.param.kind not in ("unit", "bool")
        and not any(
            needed in text or "{where}" in text for text in member.function.asks
        )
    )


def json_mode(rng: Random, test: bool) -> Dialogue:
    """Objects extracted from one text, or from several one after the other."""
    rounds = 1 if test else rng.choice([1, 2, 3])
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
    (drill, 0.32),
    (one_call, 0.09),
    (several_calls, 0.06),
    (same_again, 0.02),
    (correction, 0.02),
    (answer, 0.04),
    (no_tool, 0.08),
    (ask_back, 0.06),
    (json_mode, 0.28),
    (chat, 0.02),
    (echo, 0.01),
)


def draw_dialogue(rng: Random, *, test: bool = False) -> Dialogue:
    """Draw a dialogue of any kind."""
    maker = rng.choices([m for m, _ in MIX], [share for _, share in MIX])[0]
    return maker(rng, test)
