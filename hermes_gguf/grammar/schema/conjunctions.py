"""A schema as alternatives of facts, for one JSON type: disjunctive normal form.

Here allOf, anyOf, oneOf, not, if, dependent schemas and references disappear. Denials
are pushed inward (¬(a ∧ b) is ¬a ∨ ¬b), so nothing is ever complemented as a whole.
A keyword that was relaxed holds and is broken at once: what is left can only be wider.
Numbers and strings, which have real complements, are the business of `scalars`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hermes_gguf.errors import UnsupportedSchemaError
from hermes_gguf.grammar.schema.alternatives import FALSE, TRUE, Alternatives, tidy
from hermes_gguf.grammar.schema.array_facts import ARRAY_KEYWORDS
from hermes_gguf.grammar.schema.branches import (
    allows,
    children,
    has_relaxed_bounds,
    tag_facts,
    values_of_kind,
    view,
)
from hermes_gguf.grammar.schema.budget import Budget
from hermes_gguf.grammar.schema.evaluated import UNEVALUATED, close, evaluated_by
from hermes_gguf.grammar.schema.facts import (
    Conjunction,
    Contains,
    Evaluated,
    Fact,
    Others,
    Some,
)
from hermes_gguf.grammar.schema.nodes import REFERENCES, RELAXED, Literal, Node, endless
from hermes_gguf.grammar.schema.object_facts import (
    OBJECT_KEYWORDS,
    absent,
    needed_keys,
    present,
)

_KEYWORDS = {"object": OBJECT_KEYWORDS, "array": ARRAY_KEYWORDS}


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
                result = self._all(result, more, kind, literal.node)
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
            return self._refute(node, kind)
        if not allows(node, kind):
            return FALSE
        return self._assert(node, kind, tracked)

    # -- what must hold -------------------------------------------------------

    def _assert(self, node: Node, kind: str, tracked: bool) -> Alternatives:
        keywords = node.keywords
        assert keywords is not None
        unevaluated = UNEVALUATED[kind]
        inner = tracked or unevaluated in keywords
        parts: list[Alternatives] = []
        disjunctions: list[Alternatives] = []
        own = Conjunction()  # what neighbouring keywords say together
        for keyword in keywords:
            if keywords[keyword] is RELAXED:
                continue
            if keyword in _KEYWORDS[kind]:
                own = own & self._own(node, kind, keyword, inner)
            elif keyword == "allOf" or keyword in REFERENCES:
                parts.append(self._possible(own, kind))
                own = Conjunction()
                parts.extend(
                    self.expand(Literal(child), kind, tracked=inner)
                    for child in children(node, keyword)
                )
            else:
                disjunctions.extend(self._disjunctions(node, kind, keyword, inner))
            if keyword in ("dependencies", "dependentSchemas") and kind == "object":
                disjunctions.extend(self._dependent(node, keyword, inner))
        result = TRUE
        for part in (*parts, self._possible(own, kind), *disjunctions):
            result = self._all(result, part, kind, node)
        if unevaluated in keywords and keywords[unevaluated] is not RELAXED:
            result = self._all(
                TRUE, [close(node, kind, each) for each in result], kind, node
            )
        return result

    def _possible(self, held: Conjunction, kind: str) -> Alternatives:
        if not held.facts and held.evaluated == Evaluated():
            return TRUE
        return [held] if self.is_possible(held, kind) else FALSE

    def _own(self, node: Node, kind: str, keyword: str, tracked: bool) -> Conjunction:
        assert node.keywords is not None
        if keyword == "contains" and has_relaxed_bounds(node):
            return Conjunction()
        facts, _ = _KEYWORDS[kind][keyword]
        evaluated = evaluated_by(node, keyword) if tracked else Evaluated()
        return Conjunction(facts(node, node.keywords[keyword]), evaluated)

    def _disjunctions(
        self, node: Node, kind: str, keyword: str, tracked: bool
    ) -> Iterator[Alternatives]:
        match keyword:
            case "anyOf":
                yield self._any_of(node, kind, tracked)
            case "oneOf":
                yield self._exactly_one(node, kind, tracked)
            case "not":
                yield self.expand(Literal(node.at("not"), False), kind)
            case "if":
                yield self._conditional(node, kind, tracked)
            case "enum" | "const":
                # They evaluate nothing, though `properties` spell them.
                yield self._some_of(values_of_kind(node, kind, keyword), kind)

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
                self._all(decided, yes, kind, node)
                + self._all(decided, no, kind, node)
                + self._all(undecided, yes, kind, node),
                node,
                "anyOf",
            )
            undecided = self._all(undecided, no, kind, node)
        return decided

    def _some_of(self, nodes: Iterable[Node], kind: str) -> Alternatives:
        return [a for child in nodes for a in self.expand(Literal(child), kind)]

    def _exactly_one(self, node: Node, kind: str, tracked: bool) -> Alternatives:
        branches = list(node.each("oneOf"))
        asserted = [self.expand(Literal(c), kind, tracked=tracked) for c in branches]
        result: Alternatives = []
        for i, mine in enumerate(asserted):
            alternatives = mine
            for j, other in enumerate(asserted):
                if i == j or not alternatives or not other:
                    continue
                if self._may_overlap(alternatives, other, kind, node):
                    refuted = self.expand(Literal(branches[j], False), kind)
                    alternatives = self._all(alternatives, refuted, kind, node)
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
            result.extend(self._all(condition, branch, kind, node))
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
                + self._all([there], held, "object", node),
                node,
                keyword,
            )

    # -- what must not hold ---------------------------------------------------

    def _refute(self, node: Node, kind: str) -> Alternatives:
        keywords = node.keywords
        assert keywords is not None
        if not allows(node, kind):
            return TRUE
        result: Alternatives = []
        for keyword, value in keywords.items():
            if value is RELAXED:
                return TRUE
            result.extend(self._refute_keyword(node, kind, keyword))
        if UNEVALUATED[kind] in keywords:
            result.extend(self._refute_unevaluated(node, kind))
        if kind == "object" and len(result) > 1:
            result = self._split_by_tags(node, result)
        return tidy(result, node, "not")

    def _split_by_tags(self, node: Node, broken: Alternatives) -> Alternatives:
        """Either a tag is wrong, or all tags are right and something else is broken.

        The same set, but denials of branches that differ in their tags then exclude
        each other, so that combining ten of them is no explosion.
        """
        right, wrong = tag_facts(node)
        if not wrong:
            return broken
        others = self._all([Conjunction(right)], broken, "object", node)
        return wrong + others

    def _refute_keyword(
        self, node: Node, kind: str, keyword: str
    ) -> Iterator[Conjunction]:
        assert node.keywords is not None
        if keyword in _KEYWORDS[kind]:
            if keyword == "contains" and has_relaxed_bounds(node):
                yield Conjunction()
                return
            _, denials = _KEYWORDS[kind][keyword]
            for facts in denials(node, node.keywords[keyword]):
                yield Conjunction(facts)
        if keyword == "allOf" or keyword in REFERENCES:
            for child in children(node, keyword):
                yield from self.expand(Literal(child, False), kind)
        elif keyword == "anyOf":
            yield from self._none_of(node.each("anyOf"), kind)
        elif keyword == "oneOf":
            yield from self._not_exactly_one(node, kind)
        elif keyword == "not":
            yield from self.expand(Literal(node.at("not")), kind)
        elif keyword in ("if", "enum", "const", "dependencies", "dependentSchemas"):
            yield from self._refute_choice(node, kind, keyword)

    def _none_of(self, nodes: Iterable[Node], kind: str) -> Alternatives:
        return self.expand_goal(tuple(Literal(n, False) for n in nodes), kind)

    def _refute_choice(
        self, node: Node, kind: str, keyword: str
    ) -> Iterator[Conjunction]:
        keywords = node.keywords
        assert keywords is not None
        if keyword in ("enum", "const"):
            yield from self._none_of(values_of_kind(node, kind, keyword), kind)
        elif keyword == "if":
            for holds, branch in ((True, "then"), (False, "else")):
                if branch in keywords:
                    condition = Literal(node.at("if"), holds)
                    if keywords[branch] is RELAXED:
                        yield from self.expand(condition, kind)
                    else:
                        goal = (condition, Literal(node.at(branch), False))
                        yield from self.expand_goal(goal, kind)
        elif kind == "object":
            for key, entry in keywords[keyword].items():
                if isinstance(entry, dict | bool):
                    there = Conjunction((present(node, keyword, key),))
                    child = Literal(node.at(keyword, key), False)
                    held = self.expand(child, "object")
                    yield from self._all([there], held, "object", node)

    def _not_exactly_one(self, node: Node, kind: str) -> Iterator[Conjunction]:
        none: Alternatives = TRUE
        one: Alternatives = FALSE
        many: Alternatives = FALSE
        for child in node.each("oneOf"):
            yes = self.expand(Literal(child), kind)
            no = self.expand(Literal(child, False), kind)
            many = tidy(many + self._all(one, yes, kind, node), node, "oneOf")
            one = self._all(one, no, kind, node) + self._all(none, yes, kind, node)
            none = self._all(none, no, kind, node)
        yield from none
        yield from many

    def _refute_unevaluated(self, node: Node, kind: str) -> Iterator[Conjunction]:
        keywords = node.keywords
        assert keywords is not None
        keyword = UNEVALUATED[kind]
        rest = {k: v for k, v in keywords.items() if k != keyword}
        without = view(node, rest)
        literal = Literal(node.at(keyword), False)
        where = node.where(keyword)
        for held in self.expand(Literal(without), kind, tracked=True):
            seen = held.evaluated
            if seen.everything:
                continue
            fact: Fact
            if kind == "object":
                fact = Some(Others(seen.keys, seen.patterns), literal, where)
            elif seen.containing:
                raise UnsupportedSchemaError(
                    "its denial depends on contains", pointer=where, keyword=keyword
                )
            else:
                fact = Contains(seen.n_items, literal, 1, None, where)
            yield from self._all([held], [Conjunction((fact,))], kind, node)

    # -- combining ------------------------------------------------------------

    def _may_overlap(
        self, a: Alternatives, b: Alternatives, kind: str, node: Node
    ) -> bool:
        """Whether both may hold; stops at the first pair of alternatives that may."""
        for x in a:
            self.budget.spend(len(b), node.pointer, "oneOf")
            if any(self.meet(x, y, kind) is not None for y in b):
                return True
        return False

    def _all(
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
