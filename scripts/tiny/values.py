"""Values: what a person says for one, and what the call's argument then is.

Each kind is a function of a random source that returns `(said, value)`. Most values
are copied as they were said; numbers lose their spelling, lists their commas. A good
part of all names is coined, so that the model learns to copy instead of to remember.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random
from typing import Any

from . import words
from .coining import HeldOutRandom, compound, is_made_up, made_up, pick

Said = tuple[str, Any]

NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve".split()
)
#: Round numbers as words.
ROUND_NUMBERS: tuple[Said, ...] = (
    ("fifteen", 15), ("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50),
    ("sixty", 60), ("ninety", 90), ("a hundred", 100), ("two hundred", 200),
    ("five hundred", 500), ("a thousand", 1000),
)  # fmt: skip
#: What stands between two words of a title.
_TITLE_JOINTS = (
    "of the", "of", "and", "and the", "in the", "in", "without", "under the", "for the",
    "to the", "on the", "from", "at the", "by the", "with",
)  # fmt: skip


def _same(text: str) -> Said:
    return text, text


def _name(rng: Random) -> str:
    if is_made_up(rng, 0.35):
        return made_up(rng).capitalize()
    return pick(rng, "FIRST_NAMES")


def person(rng: Random) -> Said:
    if rng.random() < 0.5:
        return _same(_name(rng))
    last = pick(rng, "LAST_NAMES")
    if is_made_up(rng, 0.3):
        last = made_up(rng).capitalize()
    elif rng.random() < 0.2:
        last = compound(rng, "PLACE_ENDS")
    return _same(f"{_name(rng)} {last}")


def first_name(rng: Random) -> Said:
    return _same(_name(rng))


def city(rng: Random) -> Said:
    if is_made_up(rng, 0.3):
        return _same(made_up(rng).capitalize())
    if rng.random() < 0.25:
        return _same(compound(rng, "PLACE_ENDS"))
    return _same(pick(rng, "CITIES").split("=")[0])


def city_country(rng: Random) -> Said:
    """A city said with or without its country; the argument has both."""
    if rng.random() < 0.15:
        both = f"{made_up(rng).capitalize()}, {rng.choice(words.COUNTRIES)}"
        return _same(both)
    name, country = rng.choice(words.CITIES).split("=")
    both = f"{name}, {country}"
    said = both if rng.random() < 0.2 else name
    return (said.lower() if rng.random() < 0.15 else said), both


def thing(rng: Random) -> Said:
    word = made_up(rng) if is_made_up(rng, 0.35) else noun(rng)
    if rng.random() < 0.35:
        word = f"{pick(rng, 'ADJECTIVES')} {word}"
        if not isinstance(rng, HeldOutRandom) and rng.random() < 0.15:
            word = f"{pick(rng, 'ADJECTIVES')} {word}"
    return _same(word)


def noun(rng: Random) -> str:
    return pick(rng, "THINGS" if rng.random() < 0.6 else "MORE_THINGS")


def word(rng: Random) -> Said:
    if is_made_up(rng, 0.45):
        return _same(made_up(rng))
    if rng.random() < 0.1:
        return _same(f"{noun(rng)}{rng.choice('-_')}{noun(rng)}")
    return _same(noun(rng) if rng.random() < 0.6 else pick(rng, "ADJECTIVES"))


def title(rng: Random) -> Said:
    is_held_out = isinstance(rng, HeldOutRandom)
    if rng.random() < (0.4 if is_held_out else 0.15):
        return _same(pick(rng, "TITLES"))
    if not is_held_out and rng.random() < 0.5:
        return _same(_long_title(rng))
    first = made_up(rng) if is_made_up(rng, 0.4) else pick(rng, "ADJECTIVES")
    return _same(f"{first.capitalize()} {noun(rng).capitalize()}")


def _long_title(rng: Random) -> str:
    """A title with small words in it: where it ends is to be learnt."""
    words = [
        made_up(rng) if rng.random() < 0.3 else rng.choice([noun(rng), noun(rng) + "s"])
        for _ in range(2)
    ]
    first, second = (word.capitalize() for word in words)
    adjective = pick(rng, "ADJECTIVES").capitalize()
    joint = rng.choice(_TITLE_JOINTS)
    form = rng.choice(
        ["{f}", "The {f}", "A {a} {f}", "The {a} {f}", "{f} {j} {s}", "The {f} {j} {s}",
         "{f} {j} {s}", "{j} {f}", "{j} {a} {f}", "{a} {f} {j} {s}", "{n} {f}", "{a} {f} {s}"]
    )  # fmt: skip
    number = rng.choice(NUMBER_WORDS[2:]).capitalize()
    text = form.format(f=first, s=second, a=adjective, j=joint, n=number)
    return text[0].upper() + text[1:]


def sentence(rng: Random) -> Said:
    """A short message."""
    text = pick(rng, "SENTENCES")
    if not isinstance(rng, HeldOutRandom) and rng.random() < 0.4:
        text = _sentence_form(rng)
    while "{" in text:
        text = text.replace("{thing}", thing(rng)[0], 1)
        text = text.replace("{adjective}", pick(rng, "ADJECTIVES"), 1)
        text = text.replace("{verb}", pick(rng, "VERBS"), 1)
        text = text.replace("{name}", _name(rng), 1)
    return _same(text)


def _sentence_form(rng: Random) -> str:
    """Two to seven words, small ones and others, in any order."""
    places = ("{thing}", "{adjective} {thing}", "{verb}", "{name}")
    parts = [rng.choice(words.COMMON) for _ in range(rng.randint(1, 5))]
    for _ in range(rng.choice([1, 1, 2])):
        parts.insert(rng.randint(0, len(parts)), rng.choice(places))
    return " ".join(parts)


def task(rng: Random) -> Said:
    things = made_up(rng) if is_made_up(rng, 0.35) else noun(rng)
    verb = pick(rng, "VERBS")
    return _same(
        rng.choice(
            [f"{verb} the {things}", f"{verb} {_name(rng)}", f"{verb} my {things}",
             f"{verb} the {pick(rng, 'ADJECTIVES')} {things}", f"{verb} {things}"]
        )
    )  # fmt: skip


def topic(rng: Random) -> Said:
    if is_made_up(rng, 0.3):
        return _same(made_up(rng))
    if rng.random() < 0.3:
        return _same(f"{pick(rng, 'ADJECTIVES')} {noun(rng)}")
    return _same(pick(rng, "TOPICS").replace("+", " "))


def job(rng: Random) -> Said:
    """What somebody works as, in one to five words: where it ends is to be learnt."""
    role, field = pick(rng, "JOBS"), word(rng)[0]
    form = rng.choice(
        ["{r}", "{f} {r}", "{f} {r}", "{a} {r}", "{a} {f} {r}", "{r} of {f}s", "{r} for the {f}",
         "{r} in the {a} {f}", "head {r}", "deputy {f} {r}", "{r} and {o}", "{f} {r} on call"]
    )  # fmt: skip
    other, adjective = pick(rng, "JOBS"), pick(rng, "ADJECTIVES")
    return _same(form.format(r=role, f=field, a=adjective, o=other))


def email(rng: Random) -> Said:
    user = _name(rng).lower()
    if rng.random() < 0.4:
        user += rng.choice([".", "_", ""]) + pick(rng, "LAST_NAMES").lower()
    if rng.random() < 0.3:
        user += str(rng.randint(1, 99))
    host = made_up(rng) if is_made_up(rng, 0.4) else pick(rng, "HOSTS")
    return _same(f"{user}@{host}.{rng.choice(['com', 'org', 'net', 'io', 'de', 'eu'])}")


def phone(rng: Random) -> Said:
    digits = "".join(rng.choices(string.digits, k=rng.randint(6, 10)))
    shape = rng.choice(["{a}-{b}", "+{a}{b}", "{a}{b}", "{a} {b}"])
    return _same(shape.format(a=digits[:3], b=digits[3:]))


def date(rng: Random) -> Said:
    day, month = rng.randint(1, 28), rng.randint(1, 12)
    months = "January February March April May June July August September October November December".split()
    days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    return _same(
        rng.choice(
            [f"{rng.randint(2020, 2031)}-{month:02}-{day:02}", f"{months[month - 1]} {day}",
             f"{day} {months[month - 1]}", rng.choice(days), f"next {rng.choice(days)}",
             rng.choice(["today", "tomorrow", "tonight", "next week", "this weekend"]),
             f"{rng.randint(2020, 2031)}-{month:02}-{day:02}", f"{day}/{month}/{rng.randint(2020, 2031)}"]
        )
    )  # fmt: skip


def time(rng: Random) -> Said:
    hour, minute = rng.randint(0, 23), rng.choice([0, 5, 10, 15, 20, 30, 40, 45, 50])
    half = rng.choice(["am", "pm"])
    return _same(
        rng.choice(
            [f"{hour:02}:{minute:02}", f"{hour}:{minute:02}", f"{hour % 12 + 1} {half}",
             f"{hour % 12 + 1}:{minute:02} {half}", f"{hour % 12 + 1}{half}", rng.choice(["noon", "midnight"])]
        )
    )  # fmt: skip


def integer(rng: Random) -> Said:
    if rng.random() < 0.06:
        return rng.choice(ROUND_NUMBERS)
    size = rng.choice([10, 10, 100, 100, 1000, 10_000, 100_000])
    return (str(n := rng.randint(1, size)), n)


def count(rng: Random) -> Said:
    n = rng.randint(1, 12) if rng.random() < 0.6 else rng.randint(1, 60)
    if n <= 12 and n > 0 and rng.random() < 0.35:
        return NUMBER_WORDS[n], n
    return str(n), n


def number(rng: Random) -> Said:
    n = round(rng.uniform(0, rng.choice([1, 10, 100, 1000])), rng.choice([1, 1, 2]))
    if rng.random() < 0.4:
        return integer(rng)
    return str(n), n


def money(rng: Random) -> Said:
    said, value = integer(rng) if rng.random() < 0.6 else number(rng)
    mark = rng.choice(["{} dollars", "${}", "{} euros", "{}", "€{}"])
    return mark.format(said), value


def percent(rng: Random) -> Said:
    n = rng.randint(0, 100)
    return rng.choice(["{} percent", "{}%", "{}"]).format(n), n


def code(rng: Random) -> Said:
    letters = "".join(rng.choices(string.ascii_uppercase, k=rng.randint(1, 4)))
    digits = "".join(rng.choices(string.digits, k=rng.randint(2, 5)))
    return _same(
        rng.choice([f"{letters}{digits}", f"{letters}-{digits}", f"#{digits}", digits])
    )


def filename(rng: Random) -> Said:
    stem = made_up(rng) if is_made_up(rng, 0.4) else noun(rng)
    if rng.random() < 0.3:
        stem += "_" + pick(rng, "ADJECTIVES")
    ending = rng.choice(["txt", "pdf", "csv", "png", "md", "docx", "json", "py"])
    return _same(f"{stem}.{ending}")


def path(rng: Random) -> Said:
    parts = [
        made_up(rng) if is_made_up(rng, 0.4) else noun(rng)
        for _ in range(rng.randint(1, 3))
    ]
    return _same(
        rng.choice(["/", "~/", ""])
        + "/".join(parts)
        + rng.choice(["", "/" + filename(rng)[0]])
    )


def url(rng: Random) -> Said:
    tail = rng.choice(["", f"/{noun(rng)}", f"/{noun(rng)}/{rng.randint(1, 99)}"])
    host = made_up(rng) if is_made_up(rng, 0.4) else pick(rng, "HOSTS")
    return _same(f"https://{host}.{rng.choice(['com', 'org', 'net'])}{tail}")


def address(rng: Random) -> Said:
    street = made_up(rng) if is_made_up(rng, 0.3) else pick(rng, "LAST_NAMES")
    if rng.random() < 0.25:
        street = pick(rng, "PLACE_STARTS")
    kind = rng.choice(["Street", "Road", "Avenue", "Lane"])
    return _same(f"{rng.randint(1, 300)} {street.capitalize()} {kind}")


def _from(*choices: str) -> Callable[[Random], Said]:
    def draw(rng: Random) -> Said:
        return _same(rng.choice(choices))

    return draw


def _picked(name: str, share: float = 0.0) -> Callable[[Random], Said]:
    def draw(rng: Random) -> Said:
        if is_made_up(rng, share):
            return _same(made_up(rng).capitalize())
        return _same(pick(rng, name))

    return draw


def ticker(rng: Random) -> Said:
    if rng.random() < 0.3:
        return _same("".join(rng.choices(string.ascii_uppercase, k=rng.randint(3, 4))))
    return _same(rng.choice(words.TICKERS))


def age(rng: Random) -> Said:
    n = rng.randint(1, 99)
    return str(n), n


def year(rng: Random) -> Said:
    n = rng.randint(1950, 2026)
    return str(n), n


def degrees(rng: Random) -> Said:
    n = round(rng.uniform(-15, 45), 1)
    return str(n), n


def expression(rng: Random) -> Said:
    numbers = [
        str(rng.randint(1, rng.choice([12, 100, 1000])))
        for _ in range(rng.randint(2, 3))
    ]
    sign = rng.choice([" + ", " - ", " * ", " / ", "+", "*"])
    return _same(sign.join(numbers))


def sql(rng: Random) -> Said:
    table, column = word(rng)[0], word(rng)[0]
    return _same(
        rng.choice(
            [
                f"SELECT * FROM {table}",
                f"SELECT {column} FROM {table}",
                f"DELETE FROM {table} WHERE {column} = {rng.randint(1, 99)}",
            ]
        )
    )


def version(rng: Random) -> Said:
    return _same(
        rng.choice(["", "v"])
        + ".".join(str(rng.randint(0, 20)) for _ in range(rng.randint(2, 3)))
    )


KINDS: dict[str, Callable[[Random], Said]] = {
    "person": person, "first_name": first_name, "city": city, "city_country": city_country,
    "thing": thing, "word": word, "title": title, "sentence": sentence, "task": task,
    "topic": topic, "job": job, "email": email, "phone": phone, "date": date, "time": time,
    "integer": integer, "count": count, "number": number, "money": money, "percent": percent,
    "code": code, "filename": filename, "path": path, "url": url, "address": address,
    "ticker": ticker, "currency": _picked("CURRENCIES"), "genre": _picked("GENRES"),
    "room": _picked("ROOMS"), "cuisine": _picked("CUISINES"),
    "language": _picked("LANGUAGES", 0.05), "country": _picked("COUNTRIES", 0.05),
    "age": age, "year": year, "degrees": degrees, "expression": expression, "sql": sql,
    "version": version, "unit": _from("celsius", "fahrenheit"),
    "company": _picked("COMPANIES", 0.35),
    "status": _from("ok", "done", "success", "sent", "saved", "queued", "confirmed", "created", "updated"),
    "condition": _from("sunny", "cloudy", "rainy", "snowy", "foggy", "windy", "clear", "stormy"),
}  # fmt: skip


def draw_list(rng: Random, kind: str) -> Said:
    """Two to four values of a kind, said with commas and an `and`."""
    items: list[Any] = []
    size = rng.choice([1, 2, 2, 3, 3, 4])
    while len(items) < size:
        item = KINDS[kind](rng)[1]
        if item not in items:
            items.append(item)
    texts = [str(item) for item in items]
    if size == 1:
        return texts[0], items
    last = rng.choice([" and ", " and ", ", and " if size > 2 else " and ", ", "])
    return ", ".join(texts[:-1]) + last + texts[-1], items
