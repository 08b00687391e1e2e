"""A schema as alternatives of facts, for one JSON type: disjunctive normal form.

Here allOf, anyOf, oneOf, not, if, dependent schemas and references disappear. What must
not hold is the business of `denials`. A keyword that was relaxed holds and is broken at
once: what is left can only be wider. Numbers and strings, which have real complements,
are the business of `scalars`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .alternatives import FALSE, TRUE, Alternatives, tidy
from .branches import (
    allows,
    children,
    has_relaxed_bounds,
    values_of_kind,
)
from .budget import Budget
from .denials import KEYWORDS, refute
from .evaluated import UNEVALUATED, close, evaluated_by
from .facts import UNSEEN, Conjunction
from .nodes import REFERENCES, RELAXED, Literal, Node, endless
from .object_facts import absent, needed_keys, present

#: The keywords that leave a choice.
_CHOICES = frozenset(
    "anyOf oneOf not if enum const dependencies dependentSchemas".split()
)


class Expander:
    """Expands literals, each once, and drops alternatives that cannot be.

    Args:
        budget: What all of it may cost.
        is_possible: Tells for one conjunction whether any value can satisfy it; it
            may say yes when it does not know.
        meet: Two conjunctions together; None when that is not possible.
    """

    def __init__(
        self,
        budget: Budget,
        is_possible: Callable[[Conjunction, str], bool],
        meet: Callable[[Conjunction, Conjunction, str], Conjunction | None],
    ) -> None:
        self.budget = budget
        self.is_possible = is_possible
        self.meet = meet
        self._known: dict[tuple[Literal, str, bool], Alternatives] = {}
        self._known_goals: dict[object, Alternatives] = {}
        self._active: set[tuple[Literal, str, bool]] = set()

    def expand_goal(self, goal: tuple[Literal, ...], kind: str) -> Alternatives:
        """The alternatives in which all literals hold, for `object` or `array`."""
        result = self._known_goals.get((goal, kind))
        if result is None:
            result = TRUE
            for literal in goal:
                more = self.expand(literal, kind)
                result = self.conjoin(result, more, kind, literal.node)
            self._known_goals[goal, kind] = result
        return result

    def is_goal_possible(self, goal: tuple[Literal, ...], kind: str) -> bool:
        """Whether some alternative is left in which all literals hold."""
        *others, last = goal
        held, wanted = self.expand_goal(tuple(others), kind), self.expand(last, kind)
        if held is TRUE or wanted is TRUE:
            return bool(held and wanted)
        return self._may_overlap(held, wanted, kind, last.node)

    def expand(
        self, literal: Literal, kind: str, *, tracked: bool = False
    ) -> Alternatives:
        """The alternatives in which the literal holds.

        Args:
            literal: A schema that must, or must not, hold.
            kind: `object` or `array`.
            tracked: Whether the alternatives must tell what they have evaluated.

        Raises:
            UnsupportedSchemaError: a reference leads back to itself, or nowhere.
            SchemaBudgetError: there are too many alternatives.
        """
        key = (literal, kind, tracked)
        if key in self._known:
            return self._known[key]
        if key in self._active:
            raise endless(literal.node, "$ref")
        self._active.add(key)
        try:
            result = self._expand(literal, kind, tracked)
        finally:
            self._active.discard(key)
        self._known[key] = result
        return result

    def _expand(self, literal: Literal, kind: str, tracked: bool) -> Alternatives:
        node = literal.node
        if node.keywords is None:
            return FALSE if literal.positive else TRUE
        self.budget.spend(1, node.pointer, "schema")
        if not literal.positive:
            return refute(self, node, kind)
        if not allows(node, kind):
            return FALSE
        return self._assert(node, kind, tracked)

    def _assert(self, node: Node, kind: str, tracked: bool) -> Alternatives:
        keywords = node.keywords
        assert keywords is not None
        unevaluated = UNEVALUATED[kind]
        inner = tracked or unevaluated in keywords
        parts: list[Alternatives] = []
        choices: list[str] = []
        own: list[Conjunction] = []  # what neighbouring keywords say together
        for keyword in keywords:
            if keywords[keyword] is RELAXED:
                continue
            if keyword in KEYWORDS[kind]:
                own.append(self._own(node, kind, keyword, inner))
            elif keyword == "allOf" or keyword in REFERENCES:
                parts.append(self._possible(Conjunction.of_all(own), kind))
                own = []
                parts.extend(
                    self.expand(Literal(child), kind, tracked=inner)
                    for child in children(node, keyword)
                )
            if keyword in _CHOICES:
                choices.append(keyword)
        result = TRUE
        for part in (*parts, self._possible(Conjunction.of_all(own), kind)):
            result = self.conjoin(result, part, kind, node)
        disjunctions = [
            each
            for keyword in choices
            for each in self._disjunctions(node, kind, keyword, inner, result)
        ]
        for part in disjunctions:
            result = self.conjoin(result, part, kind, node)
        if unevaluated in keywords and keywords[unevaluated] is not RELAXED:
            result = self.conjoin(
                TRUE, [close(node, kind, each) for each in result], kind, node
            )
        return result

    def _possible(self, held: Conjunction, kind: str) -> Alternatives:
        if not held.facts and held.evaluated == UNSEEN:
            return TRUE
        return [held] if self.is_possible(held, kind) else FALSE

    def _own(self, node: Node, kind: str, keyword: str, tracked: bool) -> Conjunction:
        assert node.keywords is not None
        if keyword == "contains" and has_relaxed_bounds(node):
            return Conjunction()
        facts, _ = KEYWORDS[kind][keyword]
        evaluated = evaluated_by(node, keyword) if tracked else UNSEEN
        return Conjunction(facts(node, node.keywords[keyword]), evaluated)

    def _disjunctions(
        self,
        node: Node,
        kind: str,
        keyword: str,
        tracked: bool,
        beside: Alternatives,
    ) -> Iterator[Alternatives]:
        """What a keyword that leaves a choice allows; `beside`: what holds anyway."""
        match keyword:
            case "anyOf":
                yield self._any_of(node, kind, tracked)
            case "oneOf":
                yield self._exactly_one(node, kind, tracked, beside)
            case "not":
                yield self.expand(Literal(node.at("not"), False), kind)
            case "if":
                yield self._conditional(node, kind, tracked)
            case "enum" | "const":
                # They evaluate nothing, though `properties` spell them.
                yield self._some_of(values_of_kind(node, kind, keyword), kind)
            case "dependencies" | "dependentSchemas" if kind == "object":
                yield from self._dependent(node, keyword, tracked)

    def _any_of(self, node: Node, kind: str, tracked: bool) -> Alternatives:
        branches = list(node.each("anyOf"))
        if not tracked:
            return tidy(self._some_of(branches, kind), node, "anyOf")
        # Every branch that holds tells what it has evaluated, so all must be decided.
        undecided: Alternatives = TRUE
        decided: Alternatives = FALSE
        for child in branches:
            yes = self.expand(Literal(child), kind, tracked=True)
            no = self.expand(Literal(child, False), kind)
            decided = tidy(
                self.conjoin(decided, yes, kind, node)
                + self.conjoin(decided, no, kind, node)
                + self.conjoin(undecided, yes, kind, node),
                node,
                "anyOf",
            )
            undecided = self.conjoin(undecided, no, kind, node)
        return decided

    def _some_of(self, nodes: Iterable[Node], kind: str) -> Alternatives:
        return [a for child in nodes for a in self.expand(Literal(child), kind)]

    def _exactly_one(
        self, node: Node, kind: str, tracked: bool, beside: Alternatives
    ) -> Alternatives:
        branches = list(node.each("oneOf"))
        asserted = [self.expand(Literal(c), kind, tracked=tracked) for c in branches]
        result: Alternatives = []
        apart: set[tuple[int, int]] = set()
        for i, mine in enumerate(asserted):
            alternatives = mine
            for j, other in enumerate(asserted):
                if i == j or (j, i) in apart or not alternatives or not other:
                    continue
                if self._may_overlap(alternatives, other, kind, node, beside):
                    refuted = self.expand(Literal(branches[j], False), kind)
                    alternatives = self.conjoin(alternatives, refuted, kind, node)
                elif alternatives is mine:
                    apart.add((i, j))
            result.extend(alternatives)
        return tidy(result, node, "oneOf")

    def _conditional(self, node: Node, kind: str, tracked: bool) -> Alternatives:
        keywords = node.keywords
        assert keywords is not None
        if not tracked and "then" not in keywords and "else" not in keywords:
            return TRUE
        result: Alternatives = []
        for holds, keyword in ((True, "then"), (False, "else")):
            condition = self.expand(
                Literal(node.at("if"), holds), kind, tracked=tracked and holds
            )
            branch = TRUE
            if keyword in keywords and keywords[keyword] is not RELAXED:
                branch = self.expand(Literal(node.at(keyword)), kind, tracked=tracked)
            result.extend(self.conjoin(condition, branch, kind, node))
        return tidy(result, node, "if")

    def _dependent(
        self, node: Node, keyword: str, tracked: bool
    ) -> Iterator[Alternatives]:
        assert node.keywords is not None
        for key, entry in node.keywords[keyword].items():
            if needed_keys(entry) or isinstance(entry, list):
                continue
            there = Conjunction((present(node, keyword, key),))
            child = Literal(node.at(keyword, key))
            held = self.expand(child, "object", tracked=tracked)
            yield tidy(
                [Conjunction((absent(node, keyword, key),))]
                + self.conjoin([there], held, "object", node),
                node,
                keyword,
            )

    def _may_overlap(
        self,
        a: Alternatives,
        b: Alternatives,
        kind: str,
        node: Node,
        beside: Alternatives = TRUE,
    ) -> bool:
        """Whether both may hold; stops at the first pair of alternatives that may.

        What holds beside them often tells: tags that differ, which are required there.
        """
        known = beside[0] if len(beside) == 1 else TRUE[0]
        for x in a:
            self.budget.spend(len(b), node.pointer, "oneOf")
            for y in b:
                both = self.meet(x, y, kind)
                if both is None:
                    continue
                if not known.facts or self.meet(known, both, kind) is not None:
                    return True
        return False

    def conjoin(
        self, a: Alternatives, b: Alternatives, kind: str, node: Node
    ) -> Alternatives:
        """Both hold: every pair of alternatives, without the impossible ones."""
        if a is TRUE or b is TRUE:
            return b if a is TRUE else a
        pairs: Alternatives = []
        for x in a:
            if len(a) > 1 or len(b) > 1:
                self.budget.spend(len(b), node.pointer, "allOf")
            met = (self.meet(x, y, kind) for y in b)
            pairs += [pair for pair in met if pair is not None]
        return tidy(pairs, node, "allOf")
