"""Dense practice: many short decisions about the same tools in one dialogue.

A prompt of tools is long and an answer is short. These dialogues ask many times, so
that most of what is read is learnt from. `choice_drill` and `binding_drill` have
functions of the training split only: no measured row is drawn from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from . import requests, smalltalk
from .domains import FUNCTIONS
from .functions import Member, sample
from .keywords import keyword_function
from .scene import Dialogue, Scene, draw_request, leave_out_unit, new_scene
from .spec import Function
from .synthetic import are_alike, everyday_function, is_made_up, rival, synthetic
from .turns import ask_and_call, correct, refuse

#: Everyday functions whose values could change places.
_WIDE = tuple(function for function in FUNCTIONS if len(function.params) > 1)


def drill(rng: Random, test: bool) -> Dialogue:
    """Several tools, and one short request after the other: a decision in each."""
    scene = new_scene(rng, "call", test, rng.choice([2, 3, 3, 4, 4, 5, 6]))
    rounds = rng.randint(4, 8)
    todo = rng.sample(scene.members, len(scene.members))
    for _ in range(rounds):
        member = todo.pop() if todo else rng.choice(scene.members)
        drawn = rng.random()
        if drawn < 0.18:
            refuse(scene)
            continue
        if drawn < 0.22:
            asked, told = smalltalk.draw_beside_tools(rng)
            scene.user(asked)
            scene.say(told)
            continue
        if drawn < 0.245 and ask_and_call(scene, member):
            continue
        text, said = draw_request(scene, member)
        scene.user(text)
        scene.call((member, said))
        if rng.random() < 0.15:
            scene.respond((member, said))
            if rng.random() < 0.3:
                correct(scene, member, said)
    return scene.dialogue


def choice_drill(rng: Random, test: bool) -> Dialogue:
    """Three to six tools with few parameters, and five to ten short requests."""
    functions = _different(rng, rng.randint(3, 6), _simple)
    scene = _scene(rng, functions)
    for _ in range(rng.randint(5, 10)):
        if rng.random() < 0.15:
            refuse(scene)
            continue
        member = rng.choice(scene.members)
        text, said = draw_request(scene, member)
        scene.user(text)
        scene.call((member, said))
    return scene.dialogue


def binding_drill(rng: Random, test: bool) -> Dialogue:
    """One or two tools with many parameters: which value is whose."""
    functions = _different(rng, rng.choice([1, 1, 2]), _wide)
    scene = _scene(rng, functions)
    for _ in range(rng.randint(3, 7)):
        member = rng.choice(scene.members)
        if rng.random() < 0.04 and ask_and_call(scene, member):
            continue
        said = requests.draw_values(rng, member, optional_share=rng.choice([0, 0.4, 1]))
        scene.user(requests.ask(rng, member, leave_out_unit(rng, member, said)))
        scene.call((member, said))
    return scene.dialogue


def _simple(rng: Random) -> Function:
    drawn = rng.random()
    if drawn < 0.3:
        return synthetic(rng, count=rng.choice([0, 0, 1]))
    if drawn < 0.45:
        return keyword_function(rng, count=rng.choice([0, 0, 1]))
    function = everyday_function(rng)
    return replace(function, params=function.params[:1])


def _wide(rng: Random) -> Function:
    count, drawn = rng.randint(2, 6), rng.random()
    if drawn < 0.38:
        return synthetic(rng, count=count)
    if drawn < 0.52:
        return keyword_function(rng, count=count)
    return everyday_function(rng, rng.choice(_WIDE))


def _different(
    rng: Random, count: int, draw: Callable[[Random], Function]
) -> list[Function]:
    """Functions of which no two answer to the same request; some are rivals."""
    functions: list[Function] = []
    while len(functions) < count:
        made_up = [function for function in functions if is_made_up(function)]
        if made_up and rng.random() < 0.3:
            one = rival(rng, rng.choice(made_up), count=rng.choice([0, 1]))
        else:
            one = draw(rng)
        if not any(are_alike(one, other) for other in functions):
            functions.append(one)
    return functions


def _scene(rng: Random, functions: list[Function]) -> Scene:
    members: list[Member] = []
    for function in functions:
        member = sample(rng, function, rename=True)
        if member.name not in {m.name for m in members}:
            members.append(member)
    tools = tuple(member.tool for member in members)
    return Scene(rng, members, False, Dialogue("call", tools=tools))
