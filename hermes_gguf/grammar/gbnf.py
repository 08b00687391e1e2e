"""GBNF as values: a whole grammar, and the builder that names its rules.

It does not know JSON, and it does not run grammars: `automaton` does. Nodes and their
spelling have files of their own, and are handed out here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .gbnf_nodes import (
    EMPTY,
    MAX_CODE_POINT,
    Chars,
    Choice,
    CodeRange,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
    choice,
    optional,
    seq,
)
from .gbnf_print import Used, names_in, print_node

__all__ = [
    "COMMON_NAMES",
    "EMPTY",
    "MAX_CODE_POINT",
    "Chars",
    "Choice",
    "CodeRange",
    "GbnfGrammar",
    "GrammarBuilder",
    "Literal",
    "Node",
    "Repeat",
    "RuleRef",
    "Sequence",
    "choice",
    "names_in",
    "optional",
    "print_node",
    "seq",
]


@dataclass(frozen=True, slots=True)
class GbnfGrammar:
    """A whole grammar: rules in the order in which they are printed.

    Attributes:
        rules: Name → body; `root` is among them.
        comments: Name → what to print above the rule.
    """

    rules: Mapping[str, Node]
    comments: Mapping[str, str] = field(default_factory=dict)
    #: Bodies that were printed when the rules were put in order.
    printed: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def to_gbnf(self) -> str:
        """The grammar as text that llama.cpp parses."""
        lines: list[str] = []
        for name, node in self.rules.items():
            if name in self.comments:
                lines.append("# " + self.comments[name].replace("\n", " "))
            text = self.printed.get(name) or print_node(node, Used({}))
            lines.append(f"{name} ::= {text}")
        return "\n".join(lines) + "\n"


#: How the names of rules begin that have the same body in every grammar of a schema.
#: Nothing else in such a grammar may be called so.
COMMON_NAMES = ("no-", "not-", "neither-")


class GrammarBuilder:
    """Collects rules and gives each a readable, unique name.

    Rule names may hold only letters, digits and `-`, so a hint such as a property's
    name is cleaned; the untouched name can go into the rule's comment.
    """

    def __init__(self, *, reserved: tuple[str, ...] = ()) -> None:
        #: No name that is given out begins like one of these.
        self._reserved = reserved
        self.rules: dict[str, Node | None] = {}
        self.comments: dict[str, str] = {}
        self._shared: dict[Node, RuleRef] = {}
        #: What others remember about this grammar, such as the spelling of a set.
        self.memo: dict[object, Node] = {}
        #: What each rule of the grammar refers to, once it is built.
        self.refs: dict[str, Used] = {}
        #: Rules that are nobody's here, but came along with a choice; name → body.
        self.brought: dict[str, Node] = {}
        self._next: dict[str, int] = {}

    def reserve(self, hint: str) -> RuleRef:
        """A new name, to be defined later (recursive rules need it)."""
        stem = _stem(hint)
        if stem.startswith(self._reserved):
            stem = f"rule-{stem}"
        name, n = stem, self._next.get(stem, 2)
        while name in self.rules:
            name, n = f"{stem}-{n}", n + 1
        self._next[stem] = n
        self.rules[name] = None
        return RuleRef(name)

    def define(self, ref: RuleRef, node: Node, *, comment: str | None = None) -> None:
        """Give a reserved name its body, once."""
        assert self.rules[ref.name] is None, f"rule {ref.name} is defined twice"
        self.rules[ref.name] = node
        if comment is not None:
            self.comments[ref.name] = comment

    def add(self, hint: str, node: Node, *, comment: str | None = None) -> RuleRef:
        """A rule with this body; an equal body that was added before is reused."""
        ref = self._shared.get(node)
        if ref is None:
            ref = self._shared[node] = self.reserve(hint)
            self.define(ref, node, comment=comment)
        return ref

    def adopt(self, rules: Mapping[str, Node]) -> None:
        """Rules under their own names, which must be free, or name the same."""
        self.rules.update(rules)

    def build(self, root: Node) -> GbnfGrammar:
        """The grammar whose `root` is this node, rules in order of first use."""
        bodies = {name: body for name, body in self.rules.items() if body is not None}
        assert len(bodies) == len(self.rules), "a reserved rule was never defined"
        bodies["root"] = root
        self.refs, self.brought = {}, {}
        ordered: dict[str, Node] = {}
        printed: dict[str, str] = {}
        pending = ["root"]
        while pending:
            name = pending.pop()
            if name not in ordered:
                used = self.refs[name] = Used(self.brought)
                body = ordered[name] = bodies.get(name) or self.brought[name]
                # What a rule refers to is best found while it is printed.
                printed[name] = print_node(body, used)
                pending.extend(used[::-1])
        comments = {n: c for n, c in self.comments.items() if n in ordered}
        return GbnfGrammar(ordered, comments, printed)


#: Of a longer name only the end is kept, which tells more than the beginning.
_MAX_NAME = 48
_WORDS = re.compile("[a-zA-Z0-9]+")


@lru_cache(maxsize=4096)
def _stem(hint: str) -> str:
    stem = "-".join(_WORDS.findall(hint)).lower()
    if len(stem) > _MAX_NAME:
        cut = stem[-_MAX_NAME:]
        stem = cut.partition("-")[2] or cut
    return stem or "rule"
