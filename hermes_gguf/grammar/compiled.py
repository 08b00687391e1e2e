"""What the schema compiler hands out: a grammar, and an account of each keyword.

Knows how to print, ask and embed a finished grammar. It does not know JSON Schema:
`compile` makes these values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from .gbnf import GbnfGrammar

if TYPE_CHECKING:
    from .automaton import Automaton
    from .constraint import Constraint

#: How far the grammar goes for one keyword.
Treatment = Literal["enforced", "checked", "annotation"]


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """What became of one keyword of the schema.

    Attributes:
        pointer: JSON pointer of the keyword inside of the schema.
        keyword: The keyword, for example `minLength`.
        treatment: `enforced` by the grammar; `checked` after generation, because
            the caller allowed that; or `annotation`: it constrains nothing.
        note: Why, or what the reader should know; often empty.
        is_implied: Whether the schema does not have the keyword, and this is what its
            absence means.
    """

    pointer: str
    keyword: str
    treatment: Treatment
    note: str = ""
    is_implied: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """One entry for each keyword, in the order in which the schema has them."""

    entries: tuple[ReportEntry, ...] = ()

    def __iter__(self) -> Iterator[ReportEntry]:
        return iter(self.entries)

    @property
    def checked(self) -> tuple[ReportEntry, ...]:
        """Keywords that the grammar does not enforce; the result must be checked."""
        return tuple(e for e in self.entries if e.treatment == "checked")

    @property
    def n_open(self) -> int:
        """Objects to which keys may be added, because they do not say otherwise."""
        return sum(e.is_implied and e.treatment == "annotation" for e in self.entries)


@dataclass(frozen=True)
class Grammar:
    """A compiled schema.

    Attributes:
        nodes: The rules as values, to be embedded in a bigger grammar.
        make_report: Says what became of each keyword; see `report`.
    """

    nodes: GbnfGrammar
    make_report: Callable[[], Report] = field(default=Report, repr=False)

    @cached_property
    def report(self) -> Report:
        """What became of each keyword, worked out when it is first asked for."""
        return self.make_report()

    @cached_property
    def gbnf(self) -> str:
        """The grammar as text, for llama.cpp or for reading."""
        return self.nodes.to_gbnf()

    @cached_property
    def automaton(self) -> Automaton:
        """The automaton of the grammar, built on first use."""
        from .automaton import Automaton

        return Automaton(self.nodes)

    def accepts(self, text: str) -> bool:
        """Whether the grammar allows exactly this whole text."""
        return self.automaton.accepts(text)

    def constraint(self) -> Constraint:
        """The grammar as the decode engine asks for it."""
        from .constraints import GrammarConstraint

        return GrammarConstraint(self.automaton)
