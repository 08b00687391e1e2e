"""Curated everyday functions, in a few files by theme."""

from . import daily, home, knowledge, talk, travel, work

FUNCTIONS = (
    *daily.FUNCTIONS,
    *home.FUNCTIONS,
    *knowledge.FUNCTIONS,
    *talk.FUNCTIONS,
    *travel.FUNCTIONS,
    *work.FUNCTIONS,
)
