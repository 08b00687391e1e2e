"""Functions that nobody has heard of: a verb, an object, a handful of parameters.

They teach the model to read the tools it is shown instead of remembering them. The
`test` split has its own verbs, objects and parameter names.
"""

from __future__ import annotations

from random import Random

from . import values, words
from .domains import FUNCTIONS
from .heldout import TEST_ADJECTIVES, TEST_NOUNS, TEST_OBJECTS, TEST_VERBS
from .spec import Function, Param

VERBS = """
create|make|set up|build
delete|remove|get rid of|erase
update|change|modify|edit
find|look for|search|locate
start|begin|launch|run
stop|end|halt
check|inspect|verify|test
send|deliver|dispatch|ship
book|reserve|order
calculate|compute|work out|estimate
list|show|display|view
open|unlock
close|shut|lock
rate|review|score
join|enter
repair|fix|mend
paint|color
measure|weigh
mix|blend|stir
record|log|track|note
schedule|plan|arrange
cancel|abort|call off
approve|accept|confirm
reject|decline|refuse
assign|give|hand over
import|load
export|save|write out
compare|match
merge|combine
split|divide|separate
move|shift|transfer
copy|duplicate|clone
rename|relabel
rent|lease|hire
sell|trade
buy|purchase|get
borrow|take out
clean|wash|scrub
pack|wrap
train|teach
analyze|study|examine
activate|enable|turn on
deactivate|disable|turn off
publish|post|share
archive|store
tag|label|mark
count|tally
draw|sketch|plot
notify|alert|tell
register|enroll
scan|read
restore|recover
generate|produce
adjust|tune|set
lift|raise|increase
lower|reduce|decrease
""".strip().splitlines()

_NOUNS = """
color size weight length name label title code id date time day place city address phone
email owner author buyer seller driver price cost budget limit level mode speed depth height
width angle amount quantity total rate count number age year model brand type shape pattern
material flavor texture topic subject message comment note reason goal target source origin
destination path file folder format language country region zone room floor team group project
status priority category tag key token channel port host user password version branch
""".split()
_PREFIXES = """
max min new old first last main extra start end from to target base default final full short
total average daily shipping billing home work backup user item order delivery preferred
""".split()
_BY_NOUN = {
    "date": "date", "day": "date", "time": "time", "place": "city", "city": "city", "address": "address",
    "phone": "phone", "email": "email", "owner": "person", "author": "person", "buyer": "person",
    "seller": "person", "driver": "person", "price": "money", "cost": "money", "budget": "money",
    "limit": "integer", "level": "integer", "speed": "number", "depth": "number", "height": "number",
    "width": "number", "angle": "number", "weight": "number", "length": "number", "amount": "number",
    "quantity": "count", "total": "number", "rate": "number", "count": "count", "number": "integer",
    "age": "age", "year": "year", "path": "path", "file": "filename", "folder": "path", "language": "language",
    "country": "country", "room": "room", "port": "integer", "host": "url", "message": "sentence",
    "comment": "sentence", "note": "sentence", "reason": "sentence", "title": "title", "subject": "title",
    "topic": "topic", "code": "code", "id": "code", "version": "version", "brand": "company", "size": "count",
    "distance": "number", "duration": "count", "score": "integer", "price_tag": "money", "deadline": "date",
    "recipient": "person", "nickname": "word", "street": "address",
}  # fmt: skip

_FIELD_KINDS = ("word", "thing", "integer", "number", "first_name")

#: Ways to ask for a made-up function; the first is the plainest.
_LEADS = (
    "{v} {a} {t}", "{v} {a} {t}", "time to {v} {a} {t}", "{a} {t}, {v} it",
    "i'd like you to {v} {a} {t}", "{a} {t}: {v} it", "someone has to {v} {a} {t}",
    "it's about {a} {t}, {v} it", "i want to {v} {a} {t}",
)  # fmt: skip

#: Curated parameters whose clauses stand on their own.
_CURATED = tuple(
    param
    for function in FUNCTIONS
    for param in function.params
    if any(text != "{}" for text in param.says)
    and param.kind not in ("city_country", "unit")
)


def _any_words() -> tuple[str, ...]:
    """Every word of the training lists: the model must not learn which may lead."""
    named = {
        word
        for function in FUNCTIONS
        for name in (*function.names, *(n for q in function.params for n in q.names))
        for word in name.split("_")
    }
    return tuple(sorted(named | {*words.THINGS, *words.ADJECTIVES, *words.VERBS}))


_ANY_WORDS = _any_words()


def _verbs(rng: Random, *, test: bool) -> list[str]:
    """Wordings of one verb; in training often any word, or one that is no word."""
    drawn = rng.random()
    if test or drawn < 0.4:
        return rng.choice(TEST_VERBS if test else VERBS).split("|")
    if drawn < 0.65:
        return [values.made_up(rng)]
    return [rng.choice(_ANY_WORDS)]


def made_up_param(rng: Random, *, test: bool = False) -> Param:
    """A parameter with a name put together from nouns, prefixes or letters."""
    noun = rng.choice(TEST_NOUNS if test else _NOUNS)
    if not test and rng.random() < 0.3:
        noun = rng.choice(_ANY_WORDS)
    kind = _BY_NOUN.get(noun) or rng.choice(
        ["word", "word", "thing", "integer", "number", "first_name"]
    )
    name = noun
    drawn = rng.random()
    if drawn < 0.35:
        prefixes = _PREFIXES if rng.random() < 0.5 else _ANY_WORDS
        name = f"{rng.choice(TEST_ADJECTIVES if test else prefixes)}_{noun}"
    elif drawn < 0.6:
        name = f"{values.made_up(rng)}_{noun}"
    elif drawn < 0.7:
        name = values.made_up(rng)
        kind = rng.choice(["word", "integer", "number", "thing", "code", "date"])
    if rng.random() < 0.08:
        kind = f"list:{rng.choice(['word', 'thing', 'first_name'])}"
    elif rng.random() < 0.06:
        kind = "bool"
    elif rng.random() < 0.1:
        pool = words.ADJECTIVES if rng.random() < 0.5 else words.THINGS
        kind = "enum:" + ",".join(rng.sample(pool, rng.randint(2, 4)))
    elif rng.random() < 0.05:
        kind = _object_kind(rng)
    return param_named(rng, name, kind)


def _object_kind(rng: Random) -> str:
    """An object of two fields with any names."""
    first, second = rng.sample((*_NOUNS, *rng.sample(_ANY_WORDS, len(_NOUNS))), 2)
    kinds = (_BY_NOUN.get(name, rng.choice(_FIELD_KINDS)) for name in (first, second))
    return f"object:{first}={next(kinds)},{second}={next(kinds)}"


def param_named(
    rng: Random, name: str, kind: str, *, optional_share: float = 0.3
) -> Param:
    """A parameter whose wordings all come from its name."""
    said = name.replace("_", " ")
    if kind == "bool":
        says: tuple[str, ...] = (
            f"with {said}",
            f"with {said} on",
            f"{said}: yes~without {said}",
            f"no {said}",
            f"with {said} off",
            f"{said}: no",
        )
    else:
        says = (
            f"with {said} {{}}",
            f"{said} {{}}",
            f"{said}: {{}}",
            f"with a {said} of {{}}",
            f"the {said} is {{}}",
            f"and the {said} {{}}",
            f"using {{}} as {said}",
            f"{said} = {{}}",
        )
    does = (f"The {said}.", f"{said.capitalize()} to use", f"The {said} of it", said)
    return Param((name,), kind, does, says, required=rng.random() >= optional_share)


def synthetic(rng: Random, *, test: bool = False) -> Function:
    """Make up a function."""
    verbs = _verbs(rng, test=test)
    drawn = rng.random()
    if test:
        thing = values.made_up(rng) if drawn < 0.3 else rng.choice(TEST_OBJECTS)
    else:
        thing = values.made_up(rng) if drawn < 0.3 else rng.choice(_ANY_WORDS)
    if drawn > 0.7:
        thing = f"{rng.choice(TEST_ADJECTIVES if test else words.ADJECTIVES)} {thing}"
    verb = rng.choice([v for v in verbs if " " not in v])
    count = rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4])
    params: list[Param] = []
    while len(params) < count:
        curated = not test and rng.random() < 0.35
        params.append(
            rng.choice(_CURATED) if curated else made_up_param(rng, test=test)
        )
    said = verbs if rng.random() < 0.5 else [verb]
    asks = tuple(
        form.format(v=v, a=a, t=thing)
        for v in said
        for a in ("the", "a", "my", "this", "our")
        for form in (_LEADS[:1] if rng.random() < 0.5 else _LEADS)
    )
    name = _name(rng, verb, thing, opaque_share=0.0 if test else 0.12)
    does = (
        f"{verb.capitalize()} a {thing}.",
        f"{verb.capitalize()} the {thing}",
        f"Use this to {rng.choice(verbs)} a {thing}.",
    )
    gives = rng.choice(
        [
            "status=status",
            "status=status",
            f"{thing} id=code",
            f"{rng.choice(_NOUNS)}=number",
            f"{rng.choice(_NOUNS)}=word",
            f"{rng.choice(_NOUNS)}=word;{rng.choice(_PREFIXES)} {rng.choice(_NOUNS)}=integer",
        ]
    )
    return Function((name,), does, asks, tuple(params), tuple(gives.split(";")))


def _name(rng: Random, verb: str, thing: str, *, opaque_share: float) -> str:
    """A name for a made-up function; an opaque one leaves all to the description."""
    if rng.random() < opaque_share:
        return values.made_up(rng)
    forms = ("{v}_{t}",) * 5 + ("{t}_{v}", "do_{v}_{t}", "{v}_{t}_now", "{v}_the_{t}")
    return rng.choice(forms).format(v=verb, t=thing).replace(" ", "_")


def is_made_up(function: Function) -> bool:
    """Whether `synthetic` made it: such a one has one name and no value in a lead."""
    return len(function.names) == 1 and "{" not in "".join(function.asks)


def sibling(rng: Random, function: Function) -> Function:
    """A made-up function that is easily taken for another: same verb or same thing."""
    words_of = function.asks[0].split()
    other = synthetic(rng)
    verb, thing = other.asks[0].split()[0], other.asks[0].split()[-1]
    if rng.random() < 0.5:
        verb = words_of[0]
    else:
        thing = words_of[-1]
    asks = tuple(f"{verb} {a} {thing}" for a in ("the", "a", "my", "this", "our"))
    does = (f"{verb.capitalize()} a {thing}.", f"{verb.capitalize()} the {thing}")
    return Function(
        (f"{verb}_{thing}",), does, asks, other.params, other.gives, other.answers
    )


def any_function(rng: Random, *, test: bool = False) -> Function:
    """A curated function or a made-up one, of the split that is asked for."""
    from .heldout import TEST_FUNCTIONS

    if rng.random() < (0.45 if test else 0.6):
        return synthetic(rng, test=test)
    return rng.choice(TEST_FUNCTIONS if test else FUNCTIONS)
