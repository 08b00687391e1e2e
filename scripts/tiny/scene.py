"""A dialogue in the making: its tools, its turns, and how calls and results enter.

What happens in which kind of dialogue is in `dialogues`.
"""

from __future__ import annotations

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

from . import requests, smalltalk
from .answers import draw_outcome
from .domains.knowledge import TEMPERATURE, WIND
from .functions import Member, sample
from .synthetic import any_function, are_alike, is_made_up, rival


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
        """The next request; a call that was left open gets a bare result."""
        last = self.dialogue.messages[-1] if self.dialogue.messages else None
        if isinstance(last, AssistantMessage):
            self.dialogue.messages += [ToolMessage("ok") for _ in last.tool_calls]
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
        weights = [22, 24, 24, 14, 9, 7] if test else [12, 16, 24, 22, 14, 12]
        count = rng.choices([1, 2, 3, 4, 5, 6], weights)[0]
    members: list[Member] = []
    if not test and rng.random() < 0.06:
        pair = [sample(rng, TEMPERATURE, plain=True), sample(rng, WIND, plain=True)]
        members = [_card_spelling(member) for member in pair][: max(count, 1)]
        count = 2 if rng.random() < 0.5 else count
    while len(members) < count:
        function = any_function(rng, test=test)
        made_up = [m.function for m in members if is_made_up(m.function)]
        if made_up and rng.random() < (0.15 if test else 0.4):
            function = rival(rng, rng.choice(made_up), test=test)
        member = sample(rng, function, rename=not test)
        is_new = not any(are_alike(function, m.function) for m in members)
        if is_new and member.name not in {m.name for m in members}:
            members.append(member)
    if rng.random() < 0.5:
        rng.shuffle(members)
    return members


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


def new_scene(rng: Random, kind: str, test: bool, count: int | None = None) -> Scene:
    members = draw_members(rng, test=test, count=count)
    dialogue = Dialogue(kind, tools=tuple(member.tool for member in members))
    if rng.random() < 0.06:
        dialogue.messages.append(SystemMessage(rng.choice(smalltalk.SYSTEMS)))
    return Scene(rng, members, test, dialogue)


def draw_request(scene: Scene, member: Member) -> tuple[str, dict[int, requests.Said]]:
    said = requests.draw_values(scene.rng, member)
    text = requests.ask(scene.rng, member, leave_out_unit(scene.rng, member, said))
    return text, said


def leave_out_unit(
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
