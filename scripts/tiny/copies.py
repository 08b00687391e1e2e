"""Copying and nothing else: how a model of this size learns to copy.

Every call copies: the function's name, its parameters' names, the values. `echo` copies
a row of words; `recall` finds one of several named values by its name, of which others
share a part, or the name by its value. Names and values are runs of tokens, mostly of
words that nobody has seen.
"""

from __future__ import annotations

from random import Random

from hermes_gguf.messages import AssistantMessage, UserMessage

from . import coining, words
from .scene import Dialogue

_JOINTS = (": ", " is ", " = ", " - ")


def echo(rng: Random, test: bool) -> Dialogue:
    """Repeat a row of words."""
    text = " ".join(_word(rng) for _ in range(rng.randint(4, 24)))
    return Dialogue("echo", [UserMessage(f"repeat: {text}"), AssistantMessage(text)])


def recall(rng: Random, test: bool) -> Dialogue:
    """A list of named values, and questions about one of them after the other."""
    names = _names(rng, rng.randint(3, 8))
    told = {name: " ".join(_word(rng) for _ in range(rng.choice([1, 1, 2, 3])))
            for name in names}  # fmt: skip
    joint = rng.choice(_JOINTS)
    listed = rng.choice(["; ", ", ", "\n"]).join(
        f"{name}{joint}{value}" for name, value in told.items()
    )
    asks_name = rng.random() < 0.3
    messages = []
    for name in rng.choices(names, k=rng.randint(3, 8)):
        asked, answered = (told[name], name) if asks_name else (name, told[name])
        asked = f"{asked.replace('_', ' ')}?"
        first = not messages
        text = f"recall: {listed}\n{asked}" if first else asked
        messages += [UserMessage(text), AssistantMessage(answered)]
    return Dialogue("recall", messages)


def _word(rng: Random) -> str:
    drawn = rng.random()
    if drawn < 0.55:
        return coining.made_up(rng)
    if drawn < 0.65:
        return str(rng.randint(0, 99_999))
    word = rng.choice(rng.choice([words.THINGS, words.FIRST_NAMES, words.ADJECTIVES]))
    return word.capitalize() if rng.random() < 0.2 else word


def _names(rng: Random, count: int) -> list[str]:
    """Different names; some share a word with another."""
    names: list[str] = []
    while len(names) < count:
        parts = [_word(rng) for _ in range(rng.choice([1, 1, 2, 2, 3]))]
        if names and rng.random() < 0.3:
            parts.insert(rng.randint(0, 1), rng.choice(rng.choice(names).split("_")))
        name = "_".join(dict.fromkeys(parts))
        if name not in names:
            names.append(name)
    return names
