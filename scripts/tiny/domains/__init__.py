"""Curated everyday functions, in a few files by theme."""

from . import (
    commerce,
    computing,
    daily,
    finance,
    home,
    household,
    knowledge,
    learning,
    public,
    talk,
    travel,
    work,
)

FUNCTIONS = (
    *commerce.FUNCTIONS,
    *computing.FUNCTIONS,
    *daily.FUNCTIONS,
    *finance.FUNCTIONS,
    *home.FUNCTIONS,
    *household.FUNCTIONS,
    *knowledge.FUNCTIONS,
    *learning.FUNCTIONS,
    *public.FUNCTIONS,
    *talk.FUNCTIONS,
    *travel.FUNCTIONS,
    *work.FUNCTIONS,
)
