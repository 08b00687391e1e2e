"""Puts whole grammars into a bigger one, sharing the rules that they have in common.

Two tools whose schemas were compiled apart both bring a rule `string`; it is kept
once. Rules of equal name and different meaning are renamed. Knows nodes only.
"""

from __future__ import annotations

from collections.abc import Mapping

from .gbnf import (
    Choice,
    GbnfGrammar,
    GrammarBuilder,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    names_in,
)
from .gbnf_check import postorder


class Embedder:
    """Adds grammars to one builder."""

    def __init__(self, builder: GrammarBuilder) -> None:
        self._builder = builder
        #: Rules as their own grammar spells them, and their name in the builder.
        self._shared: dict[str, tuple[Node, RuleRef]] = {}

    def add(self, hint: str, grammar: GbnfGrammar) -> RuleRef:
        """The rule that stands for the root of `grammar`, named after `hint`."""
        same = self._already_there(grammar)
        names: dict[str, RuleRef] = {}
        for name in grammar.rules:
            if name in same:
                names[name] = self._shared[name][1]
            elif name == "root":
                names[name] = self._builder.reserve(hint)
            else:
                free = name not in self._shared
                names[name] = self._builder.reserve(name if free else f"{hint}-{name}")
        for name, body in grammar.rules.items():
            if name in same:
                continue
            comment = grammar.comments.get(name)
            self._builder.define(names[name], _renamed(body, names), comment=comment)
            if name != "root":
                self._shared.setdefault(name, (body, names[name]))
        return names["root"]

    def _already_there(self, grammar: GbnfGrammar) -> set[str]:
        """Rules whose body, and whose rules' bodies, were added before."""
        same = {
            name
            for name, body in grammar.rules.items()
            if name in self._shared and self._shared[name][0] == body
        }
        changed = True
        while changed:
            wrong = {n for n in same if not same.issuperset(names_in(grammar.rules[n]))}
            same -= wrong
            changed = bool(wrong)
        return same


def _renamed(body: Node, names: Mapping[str, RuleRef]) -> Node:
    done: dict[int, Node] = {}
    for node in postorder(body):
        match node:
            case RuleRef(name):
                out: Node = names[name]
            case Sequence(parts):
                out = Sequence(tuple(done[id(p)] for p in parts))
            case Choice(options):
                out = Choice(tuple(done[id(o)] for o in options))
            case Repeat(inner, low, high):
                out = Repeat(done[id(inner)], low, high)
            case _:
                out = node
        done[id(node)] = out
    return done[id(body)]
