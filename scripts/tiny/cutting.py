"""Frequent words cut into rarer tokens, so that training words look like new ones.

The vocabulary is learnt from the training texts: their words are one token each, and
a word that nobody has seen is three to five. A model that only ever compares single
tokens does not learn to compare runs of them. So in most dialogues some words of the
tools are cut, each at the same places wherever it stands in the dialogue: in the
tool, in the request, in the call. `MARK` stands at a cut; the tokenizer never merges
across one, and drops it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from .glue import SMALL_WORDS

#: A private character: no text of the generator has it.
MARK = "\ue000"
#: Dialogues in which every word keeps its own tokens, as most do in use.
_WHOLE_SHARE = 0.35
_WORD = re.compile(r"[A-Za-z][a-z]{3,}")

_SMALL_WORDS = frozenset(SMALL_WORDS)

Cuts = Mapping[str, tuple[int, ...]]
NO_CUTS: Cuts = {}


def draw_cuts(rng: Random, text: str) -> Cuts:
    """Where words of a text are cut in one dialogue: places by lower-case word."""
    if rng.random() < _WHOLE_SHARE:
        return {}
    share = rng.uniform(0.2, 0.9)
    words = dict.fromkeys(word.lower() for word in _WORD.findall(text))
    return {
        word: _places(rng, len(word))
        for word in words
        if word not in _SMALL_WORDS and rng.random() < share
    }


def _places(rng: Random, length: int) -> tuple[int, ...]:
    most = 1 if length < 6 else 2 if length < 9 else 3
    return tuple(sorted(rng.sample(range(1, length), rng.randint(1, most))))


def mark_cuts(text: str, cuts: Cuts) -> str:
    """The text with `MARK` wherever one of its words is cut."""
    if not cuts:
        return text
    return _WORD.sub(lambda match: _cut(match[0], cuts), text)


def _cut(word: str, cuts: Cuts) -> str:
    places = (0, *cuts.get(word.lower(), ()), len(word))
    return MARK.join(
        word[start:end] for start, end in zip(places, places[1:], strict=False)
    )
