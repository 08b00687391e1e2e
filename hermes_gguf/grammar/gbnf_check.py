"""Facts about a grammar's rules: which may be empty, which can end, which loop.

Works on nodes only, without recursion in Python, so that a deep grammar cannot
overflow the stack. It does not know GBNF's spelling and it does not match text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .charset import normalize_ranges
from .gbnf import Chars, Choice, Literal, Node, Repeat, RuleRef, Sequence


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


def refs_of(node: Node) -> list[str]:
    """Names of the rules that a body mentions, each once."""
    return list(
        dict.fromkeys(n.name for n in postorder(node) if isinstance(n, RuleRef))
    )


@dataclass(frozen=True, slots=True)
class GrammarFacts:
    """What holds for the rules of one grammar.

    Attributes:
        nullable: Rules that match the empty text.
        productive: Rules that match at least one finite text.
        left_recursive: Rules on a cycle that consumes nothing, in cycle order.
    """

    nullable: frozenset[str]
    productive: frozenset[str]
    left_recursive: tuple[str, ...]


def analyse(rules: Mapping[str, Node]) -> GrammarFacts:
    """The facts about `rules`; every rule that is referred to must be among them."""
    orders = {name: postorder(body) for name, body in rules.items()}
    nullable = _least_set(orders, _is_nullable)
    productive = _least_set(orders, _is_productive)
    edges = {name: _left_refs(body, nullable) for name, body in rules.items()}
    return GrammarFacts(nullable, productive, _find_cycle(edges))


Judge = Callable[[Node, Callable[[Node], bool]], bool]


def _is_nullable(node: Node, known: Callable[[Node], bool]) -> bool:
    match node:
        case Literal(text):
            return not text
        case Chars():
            return False
        case Sequence(parts):
            return all(map(known, parts))
        case Choice(options):
            return any(map(known, options))
        case Repeat(inner, low, _):
            return low == 0 or known(inner)
        case RuleRef():
            return known(node)


def _is_productive(node: Node, known: Callable[[Node], bool]) -> bool:
    match node:
        case Literal():
            return True
        case Chars(ranges, negated):
            return bool(normalize_ranges(ranges, negated=negated))
        case _:
            return _is_nullable(node, known)


def _least_set(orders: Mapping[str, list[Node]], judge: Judge) -> frozenset[str]:
    """The smallest set of rules that is closed under `judge`, by a work list."""
    users: dict[str, list[str]] = {}
    for name, order in orders.items():
        for node in order:
            if isinstance(node, RuleRef):
                users.setdefault(node.name, []).append(name)
    found: set[str] = set()
    pending = list(orders)
    while pending:
        name = pending.pop()
        if name not in found and _judge_body(orders[name], found, judge):
            found.add(name)
            pending.extend(users.get(name, ()))
    return frozenset(found)


def _judge_body(order: list[Node], found: set[str], judge: Judge) -> bool:
    values: dict[int, bool] = {}

    def known(node: Node) -> bool:
        return node.name in found if isinstance(node, RuleRef) else values[id(node)]

    for node in order:
        values[id(node)] = judge(node, known)
    return values[id(order[-1])]


def node_is_nullable(node: Node, nullable_rules: Iterable[str]) -> bool:
    """Whether `node` matches the empty text, given the rules that do."""
    return _judge_body(postorder(node), set(nullable_rules), _is_nullable)


def _left_refs(body: Node, nullable_rules: frozenset[str]) -> list[str]:
    """Rules that may be entered before the body has consumed a character."""
    rules = set(nullable_rules)
    values: dict[int, bool] = {}

    def known(node: Node) -> bool:
        return node.name in rules if isinstance(node, RuleRef) else values[id(node)]

    for node in postorder(body):
        values[id(node)] = _is_nullable(node, known)
    found: dict[str, None] = {}
    stack = [body]
    while stack:
        match stack.pop():
            case RuleRef(name):
                found.setdefault(name)
            case Choice(options):
                stack.extend(options)
            case Repeat(inner, _, _):
                stack.append(inner)
            case Sequence(parts):
                for part in parts:
                    stack.append(part)
                    if not known(part):
                        break
            case _:
                pass
    return list(found)


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
