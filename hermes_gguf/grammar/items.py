"""What remains to be matched inside of a rule, as shared values ("items").

`ItemTable` turns the nodes of a grammar into items, on demand and each once, so
that equal remainders are the same object. An item's *template* says which
characters may come first and what must follow each; it does not depend on where the
item stands, so it is computed once. Stacks and states live in `memo`.
"""

from __future__ import annotations

from itertools import count
from typing import TypeAlias

from .charset import CharSet
from .gbnf import Chars, Choice, GbnfGrammar, Literal, Node, Repeat, RuleRef
from .gbnf import Sequence as SequenceNode
from .gbnf_check import GrammarFacts, members_of, postorder
from .scalars import Ranges


class Item:
    """Something to match. Compared by identity; made by `ItemTable` only.

    Attributes:
        number: Different for every item of the process.
    """

    __slots__ = ("nullable", "number", "template")

    _numbers = count()

    def __init__(self) -> None:
        self.number = next(Item._numbers)
        self.template: Template | None = None
        self.nullable = False


class Term(Item):
    """One character of `chars`, then `text[index + 1:]`, then `tail`."""

    __slots__ = ("_after", "chars", "index", "tail", "text")

    def __init__(self, chars: CharSet, text: str, index: int, tail: Item | None):
        super().__init__()
        self.chars, self.text, self.index, self.tail = chars, text, index, tail
        self._after: Item | None = None


class Cons(Item):
    """`head`, then `tail`."""

    __slots__ = ("head", "tail")

    def __init__(self, head: Item, tail: Item) -> None:
        super().__init__()
        self.head, self.tail = head, tail


class Alt(Item):
    """One of the options."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Item, ...]) -> None:
        super().__init__()
        self.options = options


class Rep(Item):
    """`body` at least `low` more times and at most `high` more (None: no limit)."""

    __slots__ = ("body", "high", "low")

    def __init__(self, body: Item, low: int, high: int | None) -> None:
        super().__init__()
        self.body, self.low, self.high = body, low, high


class Ref(Item):
    """The rule of this name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


#: What must follow, the last first, and the character to match now.
Entry: TypeAlias = tuple[tuple[Item, ...], Term]
Template: TypeAlias = tuple[Entry, ...]

#: The empty text.
EPSILON = Item()
EPSILON.template, EPSILON.nullable = (), True
#: No text at all.
DEAD = Item()
DEAD.template = ()


class ItemTable:
    """All items of one grammar."""

    def __init__(self, grammar: GbnfGrammar, facts: GrammarFacts) -> None:
        self._rules = grammar.rules
        self._facts = facts
        self._bodies: dict[str, Item] = {}
        self._interned: dict[tuple[object, ...], Item] = {}
        self._charsets: dict[Ranges, CharSet] = {}
        self._singles: dict[str, CharSet] = {}

    def rule(self, name: str) -> Item:
        """The body of a rule, lowered when it is first needed."""
        body = self._bodies.get(name)
        if body is None:
            body = self._bodies[name] = self._lower(self._rules[name])
        return body

    def after(self, term: Term) -> Item | None:
        """What follows the character of `term` in the same item, if anything."""
        if term.index + 1 == len(term.text):
            return term.tail
        if term._after is None:
            term._after = self._literal(term.text, term.index + 1, term.tail)
        return term._after

    def expand(self, item: Item) -> Template:
        """The item's template, computed with an explicit stack."""
        if item.template is not None:
            return item.template
        stack = [item]
        while stack:
            top = stack[-1]
            missing = self._missing(top)
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if top.template is None:
                self._combine(top)
        return _template(item)

    def _missing(self, item: Item) -> list[Item]:
        match item:
            case Cons(head=head, tail=tail):
                needs = [head, tail] if head.nullable else [head]
            case Alt(options=options):
                needs = list(options)
            case Rep(body=body):
                needs = [body]
            case Ref(name=name):
                needs = [self.rule(name)]
            case _:
                needs = []
        return [n for n in needs if n.template is None]

    def _combine(self, item: Item) -> None:
        match item:
            case Term():
                item.template = (((), item),)
            case Cons(head=head, tail=tail):
                entries = self._attach(head, tail)
                if head.nullable:
                    entries += _template(tail)
                item.template = tuple(dict.fromkeys(entries))
                item.nullable = head.nullable and tail.nullable
            case Alt(options=options):
                every = [entry for o in options for entry in _template(o)]
                item.template = tuple(dict.fromkeys(every))
                item.nullable = any(o.nullable for o in options)
            case Rep(body=body, low=low, high=high):
                rest = self._rep(
                    body, max(low - 1, 0), None if high is None else high - 1
                )
                item.template = self._attach(body, rest)
                item.nullable = low == 0 or body.nullable
            case Ref(name=name):
                body = self.rule(name)
                item.template, item.nullable = body.template, body.nullable

    def _attach(self, head: Item, tail: Item) -> Template:
        """The entries of `head`, each followed by `tail`."""
        if tail is EPSILON:
            return _template(head)
        out: list[Entry] = []
        for below, term in _template(head):
            if not below and term.tail is None:
                out.append(((), self._term(term, tail)))
            else:
                out.append(((tail, *below), term))
        return tuple(out)

    def _term(self, term: Term, tail: Item) -> Term:
        return self._intern_term(term.chars, term.text, term.index, tail)

    def _intern_term(
        self, chars: CharSet, text: str, index: int, tail: Item | None
    ) -> Term:
        key = (chars, text, index, tail)
        found = self._interned.get(key)
        if found is None:
            found = self._interned[key] = Term(chars, text, index, tail)
        assert isinstance(found, Term)
        return found

    def _literal(self, text: str, index: int, tail: Item | None) -> Term:
        char = text[index]
        chars = self._singles.get(char)
        if chars is None:
            code = ord(char)
            chars = self._singles[char] = self._charset(((code, code),))
        return self._intern_term(chars, text, index, tail)

    def _charset(self, ranges: Ranges) -> CharSet:
        found = self._charsets.get(ranges)
        if found is None:
            found = self._charsets[ranges] = CharSet(ranges)
        return found

    def _rep(self, body: Item, low: int, high: int | None) -> Item:
        if high == 0:
            return EPSILON
        if body is DEAD:
            return DEAD if low else EPSILON
        if body is EPSILON:
            return EPSILON
        if isinstance(body, Rep) and (bounds := _flat_bounds(body, low, high)):
            body, low, high = body.body, *bounds
        key = ("rep", body, low, high)
        return self._interned.setdefault(key, Rep(body, low, high))

    def _alt(self, options: list[Item]) -> Item:
        alive = tuple(dict.fromkeys(o for o in options if o is not DEAD))
        if not alive:
            return DEAD
        if len(alive) == 1:
            return alive[0]
        return self._interned.setdefault(("alt", alive), Alt(alive))

    def _join(self, head: Item, tail: Item) -> Item:
        if head is DEAD or tail is DEAD:
            return DEAD
        if tail is EPSILON:
            return head
        if head is EPSILON:
            return tail
        if isinstance(head, Term) and head.tail is None:
            return self._term(head, tail)
        return self._interned.setdefault(("cons", head, tail), Cons(head, tail))

    def _leaf(self, node: Literal | Chars | RuleRef) -> Item:
        match node:
            case Literal(text):
                return self._literal(text, 0, None) if text else EPSILON
            case Chars():
                ranges = members_of(node)
                if not ranges:
                    return DEAD
                return self._intern_term(self._charset(ranges), "?", 0, None)
            case RuleRef(name):
                if name not in self._facts.productive:
                    return DEAD
                return self._interned.setdefault(("ref", name), Ref(name))

    def _lower(self, body: Node) -> Item:
        done: dict[int, Item] = {}
        for node in postorder(body):
            match node:
                case SequenceNode(parts):
                    item = EPSILON
                    for part in reversed(parts):
                        item = self._join(done[id(part)], item)
                case Choice(options):
                    item = self._alt([done[id(o)] for o in options])
                case Repeat(inner, low, high):
                    item = self._rep(done[id(inner)], low, high)
                case _:
                    item = self._leaf(node)
            done[id(node)] = item
        return done[id(body)]


def _flat_bounds(
    inner: Rep, low: int, high: int | None
) -> tuple[int, int | None] | None:
    """Bounds of one repetition that equals repeating `inner`, if there is one.

    `(x{0,3}){0,6}` is `x{0,18}`; two counters would multiply the stacks.
    """
    if inner.high is None:
        gapless = inner.low <= 1 or low >= 1
    else:
        # The counts that k and k + 1 rounds allow must touch, from k = low on.
        gapless = low == high or (low + 1) * inner.low <= low * inner.high + 1
    if not gapless:
        return None
    no_limit = high is None or inner.high is None
    return inner.low * low, None if no_limit else (high or 0) * (inner.high or 0)


def _template(item: Item) -> Template:
    assert item.template is not None
    return item.template
