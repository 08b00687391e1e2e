"""Turns of several kinds of dialogue: a refusal, a question back, a correction."""

from __future__ import annotations

from . import requests, smalltalk
from .functions import Member, sample
from .scene import Scene, draw_request, leave_out_unit
from .spec import Function
from .synthetic import any_function, are_alike, is_made_up, rival


def refuse(scene: Scene) -> None:
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


def correct(scene: Scene, member: Member, said: dict[int, requests.Said]) -> None:
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


def ask_and_call(scene: Scene, member: Member, *, may_stop: bool = False) -> bool:
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
