"""Wordings put together at random: what joins a word of a tool to a value.

A list of phrasings teaches a small model that list. These are drawn anew for every
function, from the small words of the language, so that only
one thing can be learnt from them: the word that a tool's name or description
shares with the request, and the value beside it.
"""

from __future__ import annotations

from random import Random

from . import coining
from .heldout import HELD_OUT

SMALL_WORDS = (
    "a the my our its their his her your this that these some any one each every all"
    " i we you he she it they there here who which what how when where"
    " is are was be been being has have had do does did can could will would shall"
    " should may might must let make made take took put give gave get got set use used"
    " want need like know say says said call called see seen go goes come comes keep"
    " kept hold think find found tell told ask asks read reads write name named note"
    " noted show shown mean means run runs stay stays become turn look seems works"
    " with for as of to at on in by from under over into about than like through"
    " after before during without within between against near"
    " and or but so then now just only also too still again ever never maybe really"
    " very quite right well today please simply somebody someone everybody nobody"
    " something anything thing things way part case time kind sort people help job"
    " being making taking giving putting using going having keeping calling reading"
    " not more most less much many good best new old other same own next last first"
).split()
#: The same, to be looked up.
IS_SMALL = frozenset(SMALL_WORDS)
_SIGNS = (":", ":", ":", " =", " ->", " -", ",", " is:")
#: A whole sentence as a value: one small word before it, or nobody can tell its start.
_BEFORE_SENTENCE = (":", ":", " is", " being", " as", " says", " reads", " =", " -")


def glue(rng: Random, least: int, most: int) -> str:
    """Small words in any order; rather few than many."""
    count = min(rng.randint(least, most), rng.randint(least, most))
    return " ".join(rng.choices(SMALL_WORDS, k=count))


def joined(*parts: str) -> str:
    """The parts that are not empty, with spaces."""
    return " ".join(part for part in parts if part)


def clauses(rng: Random, name: str, kind: str, count: int = 6) -> tuple[str, ...]:
    """Clauses with a parameter's word and `{}`, in one order or the other."""
    drawn: list[str] = []
    while len(drawn) < count:
        text = _clause(rng, kind in ("sentence", "task"))
        if text not in HELD_OUT.clauses:
            drawn.append(text.replace("{n}", name))
    return tuple(drawn)


def _between(rng: Random) -> str:
    """What stands between a word and its value; now and then nothing: "river Elbe"."""
    return "" if rng.random() < 0.2 else glue(rng, 1, 3)


def _clause(rng: Random, is_sentence: bool) -> str:
    """A clause with `{n}` for the parameter's word."""
    if is_sentence:
        text = f"{joined(glue(rng, 0, 2), '{n}')}{rng.choice(_BEFORE_SENTENCE)} {{}}"
    elif rng.random() < 0.6:
        is_sign = rng.random() < 0.35
        link = rng.choice(_SIGNS) if is_sign else ""
        between = "" if is_sign else _between(rng)
        text = joined(joined(glue(rng, 0, 3), "{n}") + link, between, "{}")
    else:
        text = joined(glue(rng, 0, 3), "{}", _between(rng), "{n}")
    drawn = rng.random()
    if drawn < 0.06:
        return f"({text})" if drawn < 0.04 else f"[{text}]"
    return joined(text, glue(rng, 1, 2)) if drawn < 0.14 and not is_sentence else text


def lead(rng: Random, spoken: list[str], *, value: bool = False) -> str:
    """The words of a function in this order with small words between; with `{0}`."""
    parts = [glue(rng, 0, 5), coining.made_up(rng) if rng.random() < 0.05 else ""]
    for number, word in enumerate(spoken):
        parts += [glue(rng, 0, 2) if number else "", word]
    if value:
        parts += [glue(rng, 0, 1), "{0}"]
    elif rng.random() < 0.3:
        parts.append(glue(rng, 1, 2))
    return joined(*parts)
