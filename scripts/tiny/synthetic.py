"""Functions that nobody has heard of: a verb, an object, a handful of parameters.

They teach the model to read the tools it is shown instead of remembering them. What
a request says always stands in the function's name, description or parameters.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from . import coining, glue, values
from .disguise import disguised
from .domains import FUNCTIONS
from .heldout import HELD_OUT, TEST_FUNCTIONS
from .keywords import keyword_function
from .lexicon import TRAINING, Lexicon
from .spec import Function, Param

_DISGUISED_SHARE = 0.12
#: Everyday functions whose names of things are any word, so that none is expected.
_LOOSE_SHARE = 0.25
_NAMES = ("thing", "word", "word", "topic", "title")
#: Kinds whose values look like no other kind's: a call may say them without a name.
_GIVES = (
    "status=status", "status=status", "number=integer", "price=money", "size=number",
    "file=filename", "date=date", "time=time", "owner=first_name", "link=url",
    "level=integer;name=word", "city=city", "count=count;status=status",
)  # fmt: skip
#: Objects of two or three fields: the parameter, then each field with its kind.
_OBJECTS = (
    "object:name=first_name,phone=phone", "object:street=address,city=city",
    "object:width=number,height=number", "object:first=person,email=email",
    "object:start=time,end=time", "object:title=title,pages=count",
    "object:item=thing,count=count", "object:brand=company,year=year",
)  # fmt: skip
_OBJECT_NAMES = "contact address dimensions person window details content model".split()


def lexicon(*, test: bool) -> Lexicon:
    """The words of a split."""
    return HELD_OUT if test else TRAINING


def _made_up_share(test: bool) -> float:
    return 0.06 if test else 0.24


def made_up_param(rng: Random, *, test: bool = False) -> Param:
    """A parameter whose name is a noun, and whose values fit it."""
    known = lexicon(test=test)
    drawn = rng.random()
    if drawn < 0.1:
        name, choices = rng.choice(list(known.choices.items()))
        if not test and rng.random() < 0.4:
            choices = tuple({values.word(rng)[0]: 0 for _ in range(rng.randint(2, 4))})
        return param_named(known, rng, name, "enum:" + ",".join(choices))
    if drawn < 0.16:
        thing = rng.choice(known.switches)
        name = rng.choice([f"with_{thing}", thing, f"use_{thing}"])
        return _switch(rng, known, name, thing)
    if drawn < 0.2:
        at = rng.randrange(len(_OBJECTS))
        return _object(rng, _OBJECT_NAMES[at], _OBJECTS[at])
    kind = rng.choice(list(known.nouns))
    name = rng.choice(known.nouns[kind])
    drawn = rng.random()
    if drawn < 0.25:
        name = f"{rng.choice(known.prefixes)}_{name}"
    elif drawn < 0.25 + _made_up_share(test) / 2:
        name = f"{coining.made_up(rng)}_{name}"
    elif not test and drawn < 0.6:
        name = coining.made_up(rng)
    if kind in ("thing", "first_name", "word") and rng.random() < 0.25:
        name, kind = name + "s", f"list:{kind}"
    return param_named(known, rng, name, kind)


def _share_optional(rng: Random) -> bool:
    return rng.random() >= 0.3


def param_named(known: Lexicon, rng: Random, name: str, kind: str) -> Param:
    """A parameter whose wordings all come from its name."""
    said = name.replace("_", " ")
    says = tuple(text.replace("{n}", said) for text in known.clauses)
    if known is TRAINING and rng.random() < 0.28:
        says = glue.clauses(rng, said, kind)
    does = (f"The {said}.", f"{said.capitalize()} to use", f"The {said} of it", said)
    return Param((name,), kind, does, says, required=_share_optional(rng))


def _switch(rng: Random, known: Lexicon, name: str, thing: str) -> Param:
    said = thing.replace("_", " ")
    says = (f"with {said}", f"{said} on~without {said}", f"no {said}", f"{said} off")
    return Param((name,), "bool", (f"Whether to have {said}.",), says, required=False)


def _object(rng: Random, name: str, kind: str) -> Param:
    says = (f"the {name}: {{}}", f"{name}: {{}}", f"its {name} is {{}}")
    return Param((name,), kind, (f"The {name}.",), says, _share_optional(rng))


def _params(rng: Random, count: int, *, test: bool) -> list[Param]:
    params: list[Param] = []
    if count >= 2 and rng.random() < (0.3 if test else 0.5):
        params += rng.choice(lexicon(test=test).pairs)
    taken = {name for param in params for name in param.names}
    while len(params) < count:
        param = made_up_param(rng, test=test)
        if not taken & set(param.names):
            taken |= set(param.names)
            params.append(param)
    return params


def synthetic(
    rng: Random,
    *,
    test: bool = False,
    verb: str = "",
    thing: str = "",
    count: int | None = None,
) -> Function:
    """Make up a function; with a verb or an object, a rival of another one."""
    known = lexicon(test=test)
    if verb:
        verbs: tuple[str, ...] = (verb,)
    elif rng.random() < _made_up_share(test):
        verbs = (coining.made_up(rng),)
    else:
        verbs = rng.choice(known.verbs)
    if not thing:
        thing = rng.choice(known.objects)
        if rng.random() < _made_up_share(test):
            thing = coining.made_up(rng)
        elif rng.random() < 0.2:
            thing = f"{rng.choice(known.adjectives)} {thing}"
    verb = rng.choice([v for v in verbs if " " not in v])
    count = rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]) if count is None else count
    said = verbs if rng.random() < 0.4 else (verb,)
    asks = _asks(rng, known, said, thing)
    forms = ("{v}_{t}",) * 6 + ("{t}_{v}", "{v}_the_{t}")
    name = rng.choice(forms).format(v=verb, t=thing).replace(" ", "_")
    does = (
        f"{verb.capitalize()} a {thing}.",
        f"{verb.capitalize()} the {thing}",
        f"Use this to {'|'.join(said).replace('|', ' or ')} a {thing}.",
    )
    does = does[2:] if len(said) > 1 and rng.random() < 0.7 else does
    params = tuple(_params(rng, count, test=test))
    return Function((name,), does, asks, params, tuple(rng.choice(_GIVES).split(";")))


def _asks(
    rng: Random, known: Lexicon, verbs: tuple[str, ...], thing: str
) -> tuple[str, ...]:
    """Ways to ask; the plain ones are always among them, so that rivals are known."""
    articles = ("the", "a", "my", "this", "our")
    if known is not TRAINING or rng.random() < 0.7:
        forms = known.leads
        return tuple(
            form.format(v=v, a=a, t=thing)
            for v in verbs
            for a in articles
            for form in forms
        )
    plain = [f"{v} {a} {thing}" for v in verbs for a in articles]
    return (*plain, *(glue.lead(rng, [rng.choice(verbs), thing]) for _ in range(12)))


def is_made_up(function: Function) -> bool:
    """Whether `synthetic` made it: its first way to ask is verb, article, object."""
    return (
        len(function.names) == 1
        and "{" not in "".join(function.asks)
        and function.asks[0].split()[1:2] == ["the"]
    )


def rival(
    rng: Random, function: Function, *, test: bool = False, count: int | None = None
) -> Function:
    """A function easily taken for another: its verb with another object, or the like."""
    verb, _, *thing = function.asks[0].split()
    same = next((g for g in lexicon(test=test).verbs if verb in g), (verb,))
    while True:
        if rng.random() < 0.5:
            other = synthetic(rng, test=test, verb=verb, count=count)
        else:
            other = synthetic(rng, test=test, thing=" ".join(thing), count=count)
        its_verb, _, *its_thing = other.asks[0].split()
        if its_verb not in same or its_thing != thing:
            return other


def are_alike(one: Function, other: Function) -> bool:
    """Whether one request could mean both."""
    return not set(one.asks).isdisjoint(other.asks)


def any_function(rng: Random, *, test: bool = False) -> Function:
    """A curated function or a made-up one, of the split that is asked for."""
    drawn = rng.random()
    if drawn < (0.45 if test else 0.25):
        return synthetic(rng, test=test)
    if not test and drawn < 0.34:
        return keyword_function(rng)
    if test:
        return rng.choice(TEST_FUNCTIONS)
    return everyday_function(rng)


def everyday_function(rng: Random, known: Function | None = None) -> Function:
    """A curated function of the training split, often under other words."""
    function = known or rng.choice(FUNCTIONS)
    if rng.random() < _LOOSE_SHARE:
        function = replace(
            function, params=tuple(_loose(rng, p) for p in function.params)
        )
    return disguised(rng, function) if rng.random() < _DISGUISED_SHARE else function


def _loose(rng: Random, param: Param) -> Param:
    """The parameter with values of another sort: a bird may be called a ladle."""
    return replace(param, kind=rng.choice(_NAMES)) if param.kind in _NAMES else param
