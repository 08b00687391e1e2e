"""Words: one of a split's lists, or one that nobody has seen.

The held-out split is drawn with a random source of its own type, which picks from the
lists that training never sees and coins fewer words.
"""

from __future__ import annotations

import string
from random import Random

from . import words
from .heldout_words import UNSEEN

_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwxyz", "aeiou"


class HeldOutRandom(Random):
    """A random source that draws the values of the held-out split."""


def is_held_out(rng: Random) -> bool:
    """Whether this source draws the held-out split."""
    return isinstance(rng, HeldOutRandom)


def pick(rng: Random, name: str) -> str:
    """One of a list of `words`, or of its held-out twin that training never sees."""
    pools = UNSEEN if is_held_out(rng) else vars(words)
    return str(rng.choice(pools[name]))


def is_made_up(rng: Random, share: float) -> bool:
    """Whether to make a word up; less often in the held-out split."""
    return rng.random() < (0.1 if is_held_out(rng) else share)


def spliced(rng: Random) -> str:
    """The beginning of one word and the end of another: new, but it reads well."""
    one, other = rng.choice(words.SPLICED), rng.choice(words.SPLICED)
    return one[: rng.randint(2, len(one) - 1)] + other[rng.randint(1, len(other) - 2) :]


def made_up(rng: Random) -> str:
    """A word that nobody has seen: two parts, syllables, or plain random letters."""
    drawn = rng.random()
    if drawn < 0.7:
        return spliced(rng)
    if drawn < 0.78:
        return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 9)))
    word = "".join(
        rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(rng.randint(2, 3))
    )
    return word + rng.choice(["", "", rng.choice(_CONSONANTS)])


def compound(rng: Random, ends: str) -> str:
    """A name of two parts, as places and families have: Ashford, Hollbrook."""
    return pick(rng, "PLACE_STARTS") + pick(rng, ends)
