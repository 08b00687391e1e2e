"""Languages printed once and for all: their rules, to be put into any grammar.

Formats and patterns come back in schema after schema, and spelling one out takes
longer than the rest of a schema. Only names that are taken already are changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hermes_gguf.grammar.gbnf import (
    COMMON_NAMES,
    Choice,
    GrammarBuilder,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    names_in,
)
from hermes_gguf.grammar.regular.emit import emit_string
from hermes_gguf.grammar.regular.language import Language

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
        circular: The other rules.
        own: The rules that no other language has, unlike "char".
    """

    root: Node
    ordered: tuple[tuple[str, Node, tuple[str, ...]], ...]
    circular: tuple[tuple[str, Node], ...]
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
        names: dict[str, str] = {}
        for name, body, used in self.ordered:
            is_same = all(names[each] == each for each in used)
            node = body if is_same else _renamed(body, names)
            if name in self.own:
                # There is nothing like it, so it need not be looked for.
                rule = builder.reserve(name)
                builder.define(rule, node)
            else:
                rule = builder.add(name, node)
            names[name] = rule.name
        reserved = [builder.reserve(name) for name, _ in self.circular]
        for (name, _), rule in zip(self.circular, reserved, strict=True):
            names[name] = rule.name
        for (_, body), rule in zip(self.circular, reserved, strict=True):
            builder.define(rule, _renamed(body, names))
        return _renamed(self.root, names)


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
    return _Fragment(root, tuple(ordered), tuple(pending.items()), own)


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


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case RuleRef(name):
            return node if names[name] == name else RuleRef(names[name])
        case Sequence(parts):
            return Sequence(tuple([_renamed(part, names) for part in parts]))
        case Choice(options):
            return Choice(tuple([_renamed(option, names) for option in options]))
        case Repeat(inner, low, high):
            return Repeat(_renamed(inner, names), low, high)
    return node
