"""Facts about a grammar's rules: which may be empty, which can end, which loop.

Works on nodes only, without recursion in Python, so that a deep grammar cannot
overflow the stack. It does not know GBNF's spelling and it does not match text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .gbnf import Chars, Choice, Literal, Node, Repeat, RuleRef, Sequence
from .scalars import Ranges, complement, normalize


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside of `node`."""
    match node:
        case Sequence(parts) | Choice(parts):
            return parts
        case Repeat(inner, _, _):
            return (inner,)
        case _:
            return ()


def postorder(node: Node) -> list[Node]:
    """All nodes of a tree, children before their parents."""
    order: list[Node] = []
    stack = [node]
    while stack:
        top = stack.pop()
        order.append(top)
        stack.extend(children(top))
    order.reverse()
    return order


@dataclass(frozen=True, slots=True)
class GrammarFacts:
    """What holds for the rules of one grammar.

    Attributes:
        nullable: Rules that match the empty text.
        productive: Rules that match at least one finite text.
        left_recursive: Rules on a cycle that consumes nothing, in cycle order.
        undefined: Rules that are referred to and are not there → one that does so.
    """

    nullable: frozenset[str]
    productive: frozenset[str]
    left_recursive: tuple[str, ...]
    undefined: Mapping[str, str]


def analyse(rules: Mapping[str, Node]) -> GrammarFacts:
    """The facts about `rules`, in time linear in their size."""
    flat = _Flat(rules)
    nullable = flat.closure(flat.blank)
    productive = flat.closure(flat.blank + flat.consuming)
    edges = {name: flat.left_refs(i, nullable) for i, name in enumerate(flat.names)}
    return GrammarFacts(
        nullable=flat.rules_among(nullable),
        productive=flat.rules_among(productive),
        left_recursive=_find_cycle(edges),
        undefined=flat.undefined(),
    )


class _Flat:
    """All nodes of all bodies in one list: the bodies, then children by parent.

    Attributes:
        blank: Nodes that match the empty text whatever else holds.
        consuming: Nodes that match a character, or several.
    """

    def __init__(self, rules: Mapping[str, Node]) -> None:
        self.names = list(rules)
        self.nodes: list[Node] = list(rules.values())
        self.blank: list[int] = []
        self.consuming: list[int] = []
        self._parents = [-1] * len(self.nodes)
        self._first_child: list[int] = []
        #: How many children must hold for a node to hold.
        self._needs: list[int] = []
        #: Rule → where it is referred to.
        self._refs: dict[str, list[int]] = {}
        # The list grows while it is read.
        for at, node in enumerate(self.nodes):
            inside = self._noted(at, node)
            self._needs.append(len(inside) if isinstance(node, Sequence) else 1)
            self._first_child.append(len(self.nodes))
            if inside:
                self.nodes.extend(inside)
                self._parents.extend([at] * len(inside))

    def _noted(self, at: int, node: Node) -> tuple[Node, ...]:
        """Note what the node is; its children."""
        match node:
            case Literal(text):
                (self.consuming if text else self.blank).append(at)
            case Chars():
                if members_of(node):
                    self.consuming.append(at)
            case RuleRef(name):
                self._refs.setdefault(name, []).append(at)
            case Repeat(inner, low, _):
                if low == 0:
                    self.blank.append(at)
                return (inner,)
            case Choice(options):
                return options
            case Sequence(parts):
                if not parts:
                    self.blank.append(at)
                return parts
        return ()

    def closure(self, seeds: list[int]) -> list[bool]:
        """Nodes that hold when `seeds` do: one option, all parts, what is named.

        Source: W. Dowling and J. Gallier, "Linear-time algorithms for testing the
        satisfiability of propositional Horn formulae", 1984.
        """
        missing = list(self._needs)
        holds = [False] * len(self.nodes)
        pending = list(seeds)
        while pending:
            at = pending.pop()
            if holds[at]:
                continue
            holds[at] = True
            parent = self._parents[at]
            if parent < 0:
                pending.extend(self._refs.get(self.names[at], ()))
                continue
            missing[parent] -= 1
            if missing[parent] == 0:
                pending.append(parent)
        return holds

    def rules_among(self, holds: list[bool]) -> frozenset[str]:
        """Rules whose body holds."""
        return frozenset(name for i, name in enumerate(self.names) if holds[i])

    def left_refs(self, body: int, nullable: list[bool]) -> list[str]:
        """Rules that may be entered before the body has consumed a character."""
        found: dict[str, None] = {}
        pending = [body]
        while pending:
            at = pending.pop()
            first = self._first_child[at]
            match self.nodes[at]:
                case RuleRef(name):
                    found.setdefault(name)
                case Choice(options):
                    pending.extend(range(first, first + len(options)))
                case Repeat():
                    pending.append(first)
                case Sequence(parts):
                    for child in range(first, first + len(parts)):
                        pending.append(child)
                        if not nullable[child]:
                            break
                case _:
                    pass
        return list(found)

    def undefined(self) -> dict[str, str]:
        """Rules that are not there, each with the rule that refers to it first."""
        out: dict[str, str] = {}
        known = set(self.names)
        for name, places in self._refs.items():
            if name not in known:
                at = places[0]
                while self._parents[at] >= 0:
                    at = self._parents[at]
                out[name] = self.names[at]
        return out


@lru_cache(maxsize=4096)
def members_of(chars: Chars) -> Ranges:
    """The characters that a class stands for."""
    ranges = normalize(chars.ranges)
    return complement(ranges) if chars.negated else ranges


def _find_cycle(edges: Mapping[str, list[str]]) -> tuple[str, ...]:
    done: set[str] = set()
    for start in edges:
        path: dict[str, None] = {}
        stack: list[tuple[str, bool]] = [(start, True)]
        while stack:
            name, entering = stack.pop()
            if not entering:
                del path[name]
                done.add(name)
            elif name in path:
                names = list(path)
                return tuple(names[names.index(name) :])
            elif name not in done:
                path[name] = None
                stack.append((name, False))
                stack.extend((n, True) for n in edges[name] if n in edges)
    return ()
