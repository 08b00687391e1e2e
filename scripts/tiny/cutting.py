"""Frequent words cut into rarer tokens, so that training words look like new ones.

The vocabulary is learnt from the training texts: their words are one token each, and
a word that nobody has seen is three to five. A model that only ever compares single
tokens does not learn to compare runs of them. So in most dialogues some words of the
tools are cut, and fewer of what the user says, each at the same places wherever it
stands in the dialogue: in the tool, in the request, in the call. `MARK` stands at a
cut; the tokenizer never merges across one, and drops it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from .glue import IS_SMALL

#: A private character: no text of the generator has it.
MARK = "\ue000"
#: Dialogues in which every word keeps its own tokens, as most do in use.
_WHOLE_SHARE = 0.3
#: Of the words that only the user says, at most so many are cut.
_MOST_SAID = 0.5
_WORD = re.compile(r"[A-Za-z][a-z]{3,}")

#: Words that every prompt and every call has: they keep their tokens.
_FIXED = (
    "name arguments type object string integer number boolean array items properties"
    " required description enum title function parameters true false"
).split()
_KEPT = IS_SMALL.union(_FIXED)

Cuts = Mapping[str, tuple[int, ...]]
NO_CUTS: Cuts = {}


def words_of(text: str) -> dict[str, None]:
    """The words of a text that can be cut, in lower case and in order."""
    words = dict.fromkeys(word.lower() for word in _WORD.findall(text))
    return {word: None for word in words if word not in _KEPT}


def draw_cuts(rng: Random, shown: str, said: str = "", kept: str = "") -> Cuts:
    """Where words are cut in one dialogue: places by lower-case word.

    Args:
        rng: Source of chance.
        shown: What the tools or the schema say.
        said: What the user says.
        kept: What the assistant says of its own: none of it is cut, but what is shown.
    """
    if rng.random() < _WHOLE_SHARE:
        return {}
    shares = dict.fromkeys(words_of(said), rng.uniform(0, _MOST_SAID))
    for word in words_of(kept):
        shares.pop(word, None)
    shares |= dict.fromkeys(words_of(shown), rng.uniform(0.2, 0.9))
    return {
        word: _places(rng, len(word))
        for word, share in shares.items()
        if rng.random() < share
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
