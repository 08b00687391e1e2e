"""JSON mode: a schema, a text that tells of one thing, and the object to extract.

The schemas look as pydantic or a person would write them. The text brings every
value with a wording that points at its field; what is not said and not required is
left out of the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from . import glue
from .coining import is_held_out
from .domains import FUNCTIONS
from .first_person import in_first_person
from .functions import Slot, json_type, object_fields, type_schema
from .keywords import content_word, maybe_list
from .lexicon import TRAINING
from .requests import Said, draw_value
from .spec import Param
from .synthetic import made_up_param
from .traits import TRAITS


@dataclass(frozen=True)
class Extraction:
    """A text, and the object that it holds."""

    text: str
    value: dict[str, Any]


_SUBJECTS = (
    ("name", "person"), ("full_name", "person"), ("first_name", "first_name"), ("title", "title"),
    ("product", "thing"), ("product_name", "thing"), ("event", "title"), ("name", "first_name"), ("item", "thing"),
)  # fmt: skip
_ENTITIES = "Person Character Product Book Event Order Recipe User Contact Employee Item Ticket Movie Invoice Profile Customer Meeting Song".split()
_TEST_TRAITS = (
    ("nickname", "first_name", "people call {s} {}|{s} goes by {}"),
    ("shoe_size", "integer", "{s} wears shoes of size {}"),
    ("employer", "company", "{s} has a job at {}"),
    ("birthplace", "city", "{s} grew up in {}"),
    ("mobile", "phone", "you can ring {s} at {}"),
    ("mail_contact", "email", "mail goes to {}"),
    ("instruments", "list:thing", "{s} plays the {}"),
    ("cutoff", "date", "the cutoff is on {}|the cutoff is {}"),
    ("sold_by", "company", "it is sold by {}"),
    ("is_vegan", "bool", "{s} is vegan~{s} is not vegan"),
    ("net_weight", "number", "it weighs {} kg net"),
    ("siblings", "list:first_name", "the siblings are {}"),
    ("status", "enum:open,closed,pending", "it is {} right now|the status is {}"),
    ("seating", "count", "it has seating for {}"),
    ("headquarters", "object:street=address,city=city", "the headquarters are at {}"),
)  # fmt: skip
#: Sentences that name a field: `{n}` is its name.
_LABELS = (
    "the {n} is {}", "{n}: {}", "its {n} is {}", "with {} as {n}", "the {n} was {}", "{n} = {}",
    "as {n} it has {}", "the {n} is given as {}", "we know the {n}: {}", "it has the {n} {}",
    "regarding the {n}: {}", "{n} - {}", "{} is its {n}", "{} serves as the {n}",
    "they wrote {} for the {n}", "{}, by {n}", "{} under {n}", "for {n} they chose {}",
    "{} has been given as {n}", "one calls {} the {n}",
)  # fmt: skip
_TEST_LABELS = (
    "the {n} would be {}", "{} is what it has for {n}", "the {n} reads {}", "its {n}: {}",
    "somebody noted {} as the {n}",
)  # fmt: skip
_INTROS = (
    "",
    "",
    "",
    "Extract the data: ",
    "Here is the text: ",
    "Please extract: ",
    "Text: ",
    "Turn this into JSON: ",
    "Give me the JSON for this: ",
    "Read this: ",
)


_MY_NAME = ("my name is {}", "I am {}", "I'm {}", "this is {}", "I am called {}")
#: Texts in which the person speaks that the object is about.
_FIRST_PERSON = 0.25
_BARE_DATE = re.compile(r"\b(?!on|until|before|since|from|by|for|of|as)(\w+) \{\}")
#: Kinds whose values have no small words in them: where they end is plain.
_PLAIN = {
    "person", "first_name", "city", "company", "country", "integer", "count", "number",
    "date", "time", "phone", "email", "year", "age", "list:first_name", "list:thing",
}  # fmt: skip
#: Kinds whose values nothing else looks like: they may stand without their name.
_TELLING = {"email", "url", "phone"}
#: Parameters of everyday functions, as further fields.
_CURATED = tuple(
    param
    for function in FUNCTIONS
    for param in function.params
    if param.kind not in ("city_country", "unit")
)


def _trait(name: str, kind: str, says: str) -> Param:
    return Param(
        (name,), kind, (f"The {name.replace('_', ' ')}.",), tuple(says.split("|"))
    )


def _fields(rng: Random, test: bool) -> list[Param]:
    size = rng.choice([1, 2, 2, 3, 3, 4, 5])
    taken, picked = set[str](), list[Param]()
    while len(picked) < size:
        drawn = rng.random()
        if not test and rng.random() < 0.13:
            param = _composed(rng)
        elif drawn < 0.6:
            param = _trait(*rng.choice(_TEST_TRAITS if test else TRAITS))
        elif drawn < 0.75 and not test:
            param = _labelled(rng.choice(_CURATED))
        else:
            param = _labelled(made_up_param(rng, test=test), test=test)
        if param.names[0] not in taken:
            taken.add(param.names[0])
            picked.append(param)
    if not test and rng.random() < 0.1:
        pair = rng.choice(TRAINING.pairs)
        picked += (param for param in pair if param.names[0] not in taken)
    if not test and rng.random() < 0.13:
        _leave_to_elimination(rng, picked)
    return picked


def _leave_to_elimination(rng: Random, params: list[Param]) -> None:
    """Tell one value without a word of its field: the others are told with theirs."""
    at = rng.randrange(len(params))
    if params[at].kind in _PLAIN:
        says = tuple(_unnamed(rng) for _ in range(4))
        params[at] = replace(params[at], says=says)


def _unnamed(rng: Random) -> str:
    """A sentence about the value, and perhaps the subject, under a word of its own."""
    word = content_word(rng) if rng.random() < 0.75 else ""
    to_value = glue.joined(glue.glue(rng, 1, 2), "{}")
    drawn = rng.random()
    if drawn < 0.35:
        return glue.joined("{s}", glue.glue(rng, 0, 1), word, to_value)
    if drawn < 0.6:
        return glue.joined(glue.glue(rng, 0, 2), word, "{s}", to_value)
    if drawn < 0.85:
        return glue.joined(glue.glue(rng, 1, 2), word, to_value)
    return glue.joined("{}", glue.glue(rng, 1, 3), word)


def _composed(rng: Random) -> Param:
    """A field whose sentences have a word of its name, and small words around it."""
    kind = rng.choice(list(TRAINING.nouns))
    own = rng.choice(TRAINING.nouns[kind]).replace("_", " ")
    if rng.random() < 0.5:
        own = content_word(rng)
    name = rng.choice(
        [own, own, f"{own} {content_word(rng)}", f"{content_word(rng)} {own}"]
    )
    says = glue.clauses(rng, own, kind) + glue.clauses(rng, name, kind)
    if kind not in ("sentence", "task"):
        says += tuple(_about_subject(rng, own) for _ in range(8))
    if kind in _TELLING:
        says += tuple(glue.joined(glue.glue(rng, 1, 3), "{}") for _ in range(4))
    kind = maybe_list(rng, kind)
    return Param((name.replace(" ", "_"),), kind, (f"The {name}.",), says)


def _about_subject(rng: Random, own: str) -> str:
    """A sentence that names the subject too, before the field's word or after it."""
    if rng.random() < 0.5:
        return glue.joined("{s}", glue.lead(rng, [own]), glue.glue(rng, 1, 2), "{}")
    named = glue.joined(own, glue.glue(rng, 0, 2), "{s}", glue.glue(rng, 1, 2), "{}")
    return glue.joined(glue.glue(rng, 0, 3), named)


def _labelled(param: Param, *, test: bool = False) -> Param:
    """A field that the text names outright."""
    said = param.names[0].replace("_", " ")
    forms = _TEST_LABELS if test else _LABELS
    says = tuple(form.replace("{n}", said) for form in forms)
    if param.kind == "bool":
        says = (f"{said}: yes", f"it has {said}~{said}: no", f"it has no {said}")
    return Param(param.names[:1], param.kind, param.does, says)


def draw_extractions(
    rng: Random, count: int, *, test: bool = False
) -> tuple[dict[str, Any], list[Extraction]]:
    """Draw a schema, and texts with the objects that they hold."""
    params = _fields(rng, test)
    if rng.random() < 0.75:
        name, kind = rng.choice(_SUBJECTS)
        if name not in {param.names[0] for param in params}:
            params.insert(0, Param((name,), kind, (f"The {name}.",), ()))
    slots = []
    for index, param in enumerate(params):
        choices = (
            tuple(param.kind.removeprefix("enum:").split(","))
            if param.kind.startswith("enum:")
            else ()
        )
        slots.append(
            Slot(param.names[0], param, index, rng.choice(param.does), choices)
        )
    optional = {slot.name for slot in slots[1:] if rng.random() < 0.15}
    drawn = [_extraction(rng, slots, optional) for _ in range(count)]
    return _schema(rng, slots, optional), drawn


def _extraction(rng: Random, slots: list[Slot], optional: set[str]) -> Extraction:
    said = {slot.name: draw_value(rng, slot) for slot in slots}
    subject = None if slots[0].param.says else said[slots[0].name]
    kept = [s for s in slots if s.name not in optional or rng.random() < 0.5]
    sentences = _sentences(rng, [said[slot.name] for slot in kept], subject)
    text = rng.choice(_INTROS) + _join(rng, sentences)
    return Extraction(text, {slot.name: said[slot.name].value for slot in kept})


def _sentences(rng: Random, said: list[Said], subject: Said | None) -> list[str]:
    texts = []
    speaks = _speaks(rng, subject)
    for one in said:
        if one is subject:
            continue
        says = one.slot.param.says
        if one.slot.param.kind == "bool":
            yes, no = "|".join(says).split("~")
            says = tuple((yes if one.value else no).split("|"))
        text = _with_preposition(rng, rng.choice(says), one.slot.param.kind)
        text = in_first_person(text) if speaks else text
        texts.append(text.replace("{}", one.spoken))
    if rng.random() < 0.5:
        rng.shuffle(texts)
    if speaks and subject is not None:
        opener = rng.choice(_MY_NAME).replace("{}", subject.spoken.strip("'\""))
        texts.insert(0 if rng.random() < 0.8 else len(texts), opener)
    return texts if speaks else _name_subject(rng, texts, subject)


def _speaks(rng: Random, subject: Said | None) -> bool:
    """Whether the text is told by the person it is about."""
    is_person = subject is None or subject.slot.param.kind in ("person", "first_name")
    return is_person and not is_held_out(rng) and rng.random() < _FIRST_PERSON


def _with_preposition(rng: Random, says: str, kind: str) -> str:
    """Now and then "on" before a date that had nothing: it is no part of the value."""
    if kind != "date" or is_held_out(rng) or rng.random() < 0.6:
        return says
    return _BARE_DATE.sub(r"\1 on {}", says)


def _name_subject(rng: Random, texts: list[str], subject: Said | None) -> list[str]:
    if subject is None:
        return [_with_subject(text, rng.choice(["he", "she"]), "him") for text in texts]
    name = subject.spoken.strip("'\"")
    label = subject.slot.words
    named = [i for i, text in enumerate(texts) if "{s}" in text]
    if not named or named[0] != 0 or rng.random() < 0.3:
        texts = [
            rng.choice(
                [
                    f"this is {name}",
                    f"the {label} is {name}",
                    f"{label}: {name}",
                    f"meet {name}",
                    f"we talk about {name}",
                ]
            ),
            *texts,
        ]
        return [
            _with_subject(text, rng.choice([name, "he", "she"]), name) for text in texts
        ]
    first, *others = texts
    rest = [_with_subject(t, rng.choice(["he", "she", name]), name) for t in others]
    return [first.replace("{s}", name), *rest]


def _with_subject(text: str, short: str, name: str) -> str:
    """Put a pronoun where the subject comes first, else the name."""
    return text.replace("{s}", short if text.startswith("{s}") else name)


def _join(rng: Random, sentences: list[str]) -> str:
    style = rng.random()
    if style < 0.55:
        return " ".join(s[0].upper() + s[1:] + "." for s in sentences)
    if style < 0.75:
        return (
            ", ".join(sentences[:-1])
            + (" and " if len(sentences) > 1 else "")
            + sentences[-1]
        )
    if style < 0.9:
        return ", ".join(sentences)
    return "\n".join(sentences)


def _schema(rng: Random, slots: list[Slot], optional: set[str]) -> dict[str, Any]:
    titled, described = rng.random() < 0.5, rng.random() < 0.4
    properties: dict[str, Any] = {}
    for slot in slots:
        body = _field_schema(slot, titled)
        if described:
            body = {**body, "description": slot.description}
        properties[slot.name] = body
    required = [slot.name for slot in slots if slot.name not in optional]
    title = rng.choice(_ENTITIES)
    drawn = rng.random()
    if titled:
        return {
            "properties": properties,
            "required": required,
            "title": title,
            "type": "object",
        }
    if drawn < 0.25:
        return {
            "title": title,
            "type": "object",
            "properties": properties,
            "required": required,
        }
    return {"type": "object", "properties": properties, "required": required}


def _field_schema(slot: Slot, titled: bool) -> dict[str, Any]:
    title = slot.name.replace("_", " ").title()
    kind = slot.param.kind
    if not titled:
        return type_schema(kind, slot.choices)
    if slot.choices:
        return {"enum": list(slot.choices), "title": title, "type": "string"}
    if kind.startswith("list:"):
        return {"items": {"type": json_type(kind[5:])}, "title": title, "type": "array"}
    if kind.startswith("object:"):
        inner = {
            n: {"title": n.title(), "type": json_type(k)}
            for n, k in object_fields(kind).items()
        }
        return {
            "properties": inner,
            "required": list(inner),
            "title": title,
            "type": "object",
        }
    return {"title": title, "type": json_type(kind)}
