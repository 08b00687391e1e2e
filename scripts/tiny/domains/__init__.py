"""Curated everyday functions, in a few files by theme."""

from . import (
    commerce,
    community,
    computing,
    daily,
    finance,
    hobbies,
    home,
    household,
    knowledge,
    learning,
    nature,
    objects,
    public,
    talk,
    travel,
    work,
)

FUNCTIONS = (
    *commerce.FUNCTIONS,
    *community.FUNCTIONS,
    *computing.FUNCTIONS,
    *daily.FUNCTIONS,
    *finance.FUNCTIONS,
    *hobbies.FUNCTIONS,
    *home.FUNCTIONS,
    *household.FUNCTIONS,
    *knowledge.FUNCTIONS,
    *learning.FUNCTIONS,
    *nature.FUNCTIONS,
    *objects.FUNCTIONS,
    *public.FUNCTIONS,
    *talk.FUNCTIONS,
    *travel.FUNCTIONS,
    *work.FUNCTIONS,
)
