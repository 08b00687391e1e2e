"""What the generator knows of a function: names, wordings, parameters, results.

A `Function` is a family: many names and many ways to ask. `functions.sample` draws
one member of it. Lists are written as one string with `|` between the items, so that
the data files stay readable.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Param:
    """One parameter.

    Attributes:
        names: What it may be called.
        kind: Which values it takes (a name in `values.KINDS`, `enum:a,b=said,c`,
            `bool`, `list:<kind>` or `object:<name>=<kind>,...`).
        does: What its description may be.
        says: Clauses that bring its value into a request, `{}` being the value. For
            a `bool`, clauses that mean true, then `~`, then those that mean false.
        required: Whether a call must have it.
    """

    names: tuple[str, ...]
    kind: str
    does: tuple[str, ...]
    says: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Function:
    """A family of functions that do the same thing.

    Attributes:
        names: What it may be called.
        does: What its description may be.
        asks: How a request begins; `{0}`, `{1}`... is the value of that parameter.
        params: Its parameters, in the order of the schema.
        gives: Fields of its result: `words=kind`; one field makes a bare value.
        answers: Sentences for a bare result: `{r}` is it, `{0}`... the arguments.
    """

    names: tuple[str, ...]
    does: tuple[str, ...]
    asks: tuple[str, ...]
    params: tuple[Param, ...]
    gives: tuple[str, ...]
    answers: tuple[str, ...] = ()


def split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def p(names: str, kind: str, does: str, says: str, *, optional: bool = False) -> Param:
    """A parameter, with names separated by spaces and the rest by `|`."""
    return Param(
        tuple(names.split()), kind, split(does), split(says), required=not optional
    )


def pair(
    first: str,
    first_says: str,
    second: str,
    second_says: str,
    kind: str,
    first_does: str = "",
    second_does: str = "",
) -> tuple[Param, Param]:
    """Two parameters of one kind, each with the wordings that are only its own.

    What one is for is said by its name, where `first_does`, `second_does` say nothing.
    """
    return (
        p(first, kind, first_does or f"The {first.replace('_', ' ')}.", first_says),
        p(second, kind, second_does or f"The {second.replace('_', ' ')}.", second_says),
    )


def f(
    names: str,
    does: str,
    asks: str,
    *params: Param,
    gives: str = "status=status",
    answers: str = "",
) -> Function:
    """A function, with names separated by spaces and the rest by `|`."""
    return Function(
        tuple(names.split()),
        split(does),
        split(asks),
        params,
        split(gives.replace(";", "|")),
        split(answers),
    )
