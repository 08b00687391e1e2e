"""Functions that share words with a request in any way, not only verb and object.

A description of two to four words that matter; the function's name has some of them,
or none; a request has at least two. Parameters are named in the same way: the request
says the name, or a word of the description, beside the value.
"""

from __future__ import annotations

from random import Random

from . import coining, glue
from .lexicon import TRAINING
from .spec import Function, Param

#: Values that nothing else looks like: they may stand without the parameter's name.
_TELLING = {"email", "date", "time", "url", "money", "address"}
_BARE = ("{}", "on {}", "at {}", "for {}", "to {}", "by {}", "with {}", "in {}")
_ENDINGS = ("s", "ed", "ing", "er", "ion", "al", "ly", "or", "ment")
_PARAM_DOES = (
    "The {w}.", "Which {w}", "{w}", "{w} to use", "{o} {w}", "The {w} of the {o}",
    "The {o}: its {w}", "What the {w} is, for the {o}", "{o}, as {w}",
)  # fmt: skip
_DOES = (
    "{0} a {1}.", "{0} the {1} of a {2}", "{0} {1} for the {2}.", "The {1} of a {0}.",
    "{0} or {2} a {1}.", "Use it to {0} the {1}", "Get the {0} {1} with its {2}",
    "{1} and {0} of the {2}.", "Will {0} some {1} in a {2}",
)  # fmt: skip


def content_word(rng: Random) -> str:
    """A word that a description and a request may share."""
    drawn = rng.random()
    if drawn < 0.45:
        return coining.made_up(rng)
    if drawn < 0.75:
        return rng.choice(TRAINING.objects)
    if drawn < 0.92:
        return rng.choice(rng.choice(TRAINING.verbs))
    return rng.choice(TRAINING.adjectives)


def maybe_list(rng: Random, kind: str) -> str:
    """Now and then several values of a kind that is easily told in a row."""
    is_list = kind in ("thing", "first_name", "word") and rng.random() < 0.2
    return f"list:{kind}" if is_list else kind


def keyword_function(
    rng: Random, *, count: int | None = None, shared: str = ""
) -> Function:
    """Make one up.

    Args:
        rng: Source of chance.
        count: How many parameters; drawn if None.
        shared: A word of another function that this one has too: a rival.
    """
    content = [shared] if shared else []
    while len(content) < 3:
        word = content_word(rng)
        if word not in content:
            content.append(word)
    rng.shuffle(content)
    count = rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]) if count is None else count
    params = tuple(_params(rng, count))
    text = rng.choice(_DOES)
    used = content if "{2}" in text else content[:2]
    does = text.format(*content)
    asks = tuple(_ask(rng, used, params) for _ in range(8))
    return Function(
        (_name(rng, used),),
        (does[0].upper() + does[1:],),
        asks,
        params,
        (rng.choice(("status=status", "number=integer", "code=code", "date=date")),),
    )


def _name(rng: Random, used: list[str]) -> str:
    drawn = rng.random()
    if drawn < 0.12:
        parts = [coining.made_up(rng)]
    elif drawn < 0.3:
        parts = [rng.choice(used), content_word(rng)]
    else:
        parts = rng.sample(used, rng.choice([1, 2, 2]))
    return "_".join(parts).replace(" ", "_")


def _ask(rng: Random, used: list[str], params: tuple[Param, ...]) -> str:
    """At least two of its words: a rival shares one at most."""
    spoken = rng.sample(used, rng.randint(2, len(used)))
    spoken = [inflected(rng, word) for word in spoken]
    inside = bool(params) and params[0].kind in _INSIDE and rng.random() < 0.35
    return glue.lead(rng, spoken, value=inside)


def inflected(rng: Random, word: str) -> str:
    """Now and then another form of the word: "adopt" for "adoption"."""
    if rng.random() < 0.8 or len(word) < 4:
        return word
    return word.rstrip("e") + rng.choice(_ENDINGS)


#: Kinds that may stand in the lead without a word of their own.
_INSIDE = {"thing", "word", "title", "person", "first_name", "code", "city", "topic"}


def _params(rng: Random, count: int) -> list[Param]:
    known, taken, params = TRAINING.nouns, set[str](), list[Param]()
    kinds = [rng.choice(list(known)) for _ in range(count)]
    if count > 2 and rng.random() < 0.5:
        kinds[1] = kinds[0]
    for kind in kinds:
        while True:
            own = rng.choice(known[kind]) if rng.random() < 0.5 else content_word(rng)
            other = content_word(rng)
            words = {*own.replace("_", " ").split(), *other.split()}
            if not words & taken:
                break
        taken |= words
        params.append(_param(rng, kind, own.replace("_", " "), other))
    return [_telling(rng, param, kinds) for param in params]


def _param(rng: Random, kind: str, own: str, other: str) -> Param:
    text = rng.choice(_PARAM_DOES)
    spoken = [own]
    if "{o}" in text:
        spoken += [other, f"{other} {own}"]
    name = rng.choice([own, own, f"{own} {other}", f"{other} {own}"])
    if name != own:
        spoken += [name, name]
    kind = maybe_list(rng, kind)
    does = text.format(w=own, o=other)
    says = [one for word in spoken for one in glue.clauses(rng, word, kind, 3)]
    return Param(
        (name.replace(" ", "_"),),
        kind,
        (does[0].upper() + does[1:],),
        tuple(says),
        required=rng.random() < 0.65,
    )


def _telling(rng: Random, param: Param, kinds: list[str]) -> Param:
    """Let a value that only fits here stand alone."""
    if param.kind not in _TELLING or kinds.count(param.kind) > 1 or rng.random() < 0.5:
        return param
    return Param(
        param.names, param.kind, param.does, param.says[:4] + _BARE, param.required
    )
