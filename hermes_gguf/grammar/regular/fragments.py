"""Languages printed once and for all: their rules, to be put into any grammar.

Formats and patterns come back in schema after schema, and spelling one out takes
longer than the rest of a schema. Only names that are taken already are changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..gbnf import (
    COMMON_NAMES,
    Choice,
    GrammarBuilder,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    names_in,
)
from .emit import emit_string
from .language import Language

#: What the rules for single characters are called.
_COMMON = frozenset(
    f"{name}{number}"
    for name in ("char", "chars", "escape")
    for number in ("", *(f"-{i}" for i in range(2, 100)))
)


def insert_string(language: Language, builder: GrammarBuilder, hint: str) -> Node:
    """The language as JSON strings, as `emit_string` prints it.

    Args:
        language: Must not be empty.
        builder: Where the rules go.
        hint: What the rules are named after.

    Raises:
        LanguageBudgetError: the automaton is too large.
    """
    if language.core is None:
        return emit_string(language, builder, hint)
    return _printed(language, language.name or hint).insert(builder)


@dataclass(frozen=True, slots=True)
class _Fragment:
    """A node and the rules that it needs.

    Attributes:
        root: The node.
        ordered: Rules that need only earlier ones, each with the names it uses.
        circular: The other rules, in the same way.
        own: The rules that no other language has, unlike "char".
    """

    root: Node
    ordered: tuple[tuple[str, Node, tuple[str, ...]], ...]
    circular: tuple[tuple[str, Node, tuple[str, ...]], ...]
    own: Mapping[str, Node]

    def insert(self, builder: GrammarBuilder) -> Node:
        """The node for this grammar, which gets the rules."""
        shared = (rule for rule in self.ordered if rule[0] not in self.own)
        if all(builder.add(name, body).name == name for name, body, _ in shared):
            if builder.rules.keys().isdisjoint(self.own):
                builder.adopt(self.own)
                return self.root
        return self._insert_renamed(builder)

    def _insert_renamed(self, builder: GrammarBuilder) -> Node:
        renaming = _Renaming()
        for name, body, used in self.ordered:
            node = renaming.apply(body, used)
            if name in self.own:
                # There is nothing like it, so it need not be looked for.
                rule = builder.reserve(name)
                builder.define(rule, node)
            else:
                rule = builder.add(name, node)
            renaming.add(name, rule)
        rules = [builder.reserve(name) for name, _, _ in self.circular]
        for (name, _, _), rule in zip(self.circular, rules, strict=True):
            renaming.add(name, rule)
        for (_, body, used), rule in zip(self.circular, rules, strict=True):
            builder.define(rule, renaming.apply(body, used))
        return renaming.node(self.root)


@lru_cache(maxsize=512)
def _printed(language: Language, hint: str) -> _Fragment:
    builder = GrammarBuilder(reserved=COMMON_NAMES)
    root = emit_string(language, builder, hint)
    pending = {name: body for name, body in builder.rules.items() if body is not None}
    used = {name: frozenset(names_in(body)) for name, body in pending.items()}
    ordered = []
    for name in _innermost_first(used):
        ordered.append((name, pending.pop(name), tuple(used[name])))
    own = {n: b for n, b in builder.rules.items() if b is not None and n not in _COMMON}
    circular = tuple(
        [(name, body, tuple(used[name])) for name, body in pending.items()]
    )
    return _Fragment(root, tuple(ordered), circular, own)


def _innermost_first(used: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Each rule after those that it uses; those that lead back to themselves: never."""
    users: dict[str, list[str]] = {name: [] for name in used}
    for name, others in used.items():
        for other in others:
            users[other].append(name)
    missing = {name: len(others) for name, others in used.items()}
    ready = [name for name, n in missing.items() if n == 0]
    while ready:
        yield (name := ready.pop())
        for user in users[name]:
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)


class _Renaming:
    """New names for rules, and the bodies that use them."""

    def __init__(self) -> None:
        self._changed: dict[str, RuleRef] = {}
        #: By identity: a set of characters is the same node in hundreds of bodies.
        self._choices: dict[int, Node] = {}

    def add(self, name: str, rule: RuleRef) -> None:
        """Call this rule so from now on; no body may have used it before."""
        if rule.name != name:
            self._changed[name] = rule

    def apply(self, body: Node, used: tuple[str, ...]) -> Node:
        """The body of a rule that uses these others."""
        return body if self._changed.keys().isdisjoint(used) else self.node(body)

    def node(self, node: Any) -> Node:
        """The node with the new names."""
        kind = type(node)
        new: Node = node
        if kind is Sequence:
            new = Sequence(tuple(map(self.node, node.parts)))
        elif kind is RuleRef:
            new = self._changed.get(node.name, node)
        elif kind is Repeat:
            new = Repeat(self.node(node.node), node.min, node.max)
        elif kind is Choice:
            found = self._choices.get(id(node))
            if found is None:
                found = Choice(tuple(map(self.node, node.options)))
                self._choices[id(node)] = found
            new = found
        return new
