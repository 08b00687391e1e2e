"""Everyday functions under other words: "dim the lights" as "dim the gravlads".

A small model remembers the everyday functions of its training instead of reading them,
and then has no way to a function that it never saw. A disguised one keeps the natural
wordings, but some words that its name or description shares with the requests are
others, the same wherever they stand. So only reading helps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from .glue import IS_SMALL
from .keywords import content_word
from .spec import Function, Param

_WORD = re.compile(r"(?<![{\w'])[A-Za-z]{3,}(?!\w|}|'(?!s\b))")
_NAME_WORD = re.compile(r"[a-z]{3,}")
#: A disguise covers so many of the words that could be covered.
_LEAST, _MOST = 0.5, 1.0

Words = dict[str, str]


def disguised(rng: Random, function: Function) -> Function:
    """The function under other words; itself where no request shares one with it."""
    name, does = rng.choice(function.names), rng.choice(function.does)
    shown = _stems([name, does])
    asks = tuple(ask for ask in function.asks if shown & _stems([ask]))
    if not asks:
        return function
    params = tuple(_with_one_name(rng, param) for param in function.params)
    shared = shown & _stems(asks)
    for param in params:
        shared |= _stems([*param.names, *param.does]) & _stems(param.says)
    share = rng.uniform(_LEAST, _MOST)
    words = {stem: _other(rng) for stem in sorted(shared) if rng.random() < share}
    return replace(
        function,
        names=(_in_name(words, name),),
        does=(_in_text(words, does),),
        asks=tuple(_in_text(words, ask) for ask in asks),
        params=tuple(_in_param(words, param) for param in params),
        answers=tuple(_in_text(words, answer) for answer in function.answers),
    )


def _with_one_name(rng: Random, param: Param) -> Param:
    return replace(
        param, names=(rng.choice(param.names),), does=(rng.choice(param.does),)
    )


def _stems(texts: Iterable[str]) -> set[str]:
    """The words that mean something, without a plural's end."""
    found = _NAME_WORD.findall(" ".join(texts).lower())
    return {_stem(word) for word in found if word not in IS_SMALL}


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _other(rng: Random) -> str:
    while True:
        word = content_word(rng).split()[0]
        # One that begins like a small word could be taken for it: "withdraw", "with".
        if len(word) > 2 and not {word, word[:4]} & IS_SMALL:
            return word


def _in_text(words: Words, text: str) -> str:
    def other(match: re.Match[str]) -> str:
        word = match[0]
        stem = _stem(word.lower())
        if stem not in words or word.lower() in IS_SMALL:
            return word
        new = words[stem] + ("s" if stem != word.lower() else "")
        return new.capitalize() if word[0].isupper() else new

    return _WORD.sub(other, text)


def _in_name(words: Words, name: str) -> str:
    return "_".join(words.get(_stem(part), part) for part in name.split("_"))


def _in_param(words: Words, param: Param) -> Param:
    return replace(
        param,
        names=tuple(_in_name(words, name) for name in param.names),
        does=tuple(_in_text(words, text) for text in param.does),
        says=tuple(_in_text(words, text) for text in param.says),
    )
