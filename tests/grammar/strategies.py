"""Random grammars: small rules over the test alphabet, without left recursion."""

from __future__ import annotations

from hypothesis import strategies as st

from hermes_gguf.grammar.gbnf import (
    Chars,
    Choice,
    GbnfGrammar,
    Literal,
    Node,
    Repeat,
    RuleRef,
    Sequence,
)
from hermes_gguf.grammar.scalars import merge

N_RULES = 4
_LETTERS = 'abc01"\\]-^é漢😀'

texts = st.text(_LETTERS, max_size=3)
ranges = st.lists(
    st.tuples(st.sampled_from(_LETTERS), st.sampled_from(_LETTERS)),
    min_size=1,
    max_size=3,
).map(lambda pairs: merge((ord(min(p)), ord(max(p))) for p in pairs))
chars = st.builds(Chars, ranges, st.booleans())


def _repeats(node: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    bounds = st.tuples(st.integers(0, 2), st.none() | st.integers(0, 2))
    return st.tuples(node, bounds).map(
        lambda t: Repeat(t[0], t[1][0], None if t[1][1] is None else sum(t[1]))
    )


def _bodies(rule: int) -> st.SearchStrategy[Node]:
    later = [RuleRef(f"r{i}") for i in range(rule + 1, N_RULES)]
    guarded = st.builds(
        lambda text, i: Sequence((Literal(text), RuleRef(f"r{i}"))),
        st.text("ab[", min_size=1, max_size=2),
        st.integers(1, N_RULES - 1),
    )
    leaves = texts.map(Literal) | chars | guarded
    if later:
        leaves |= st.sampled_from(later)
    return st.recursive(
        leaves,
        lambda node: (
            st.lists(node, max_size=3).map(lambda p: Sequence(tuple(p)))
            | st.lists(node, min_size=2, max_size=3).map(lambda o: Choice(tuple(o)))
            | _repeats(node)
        ),
        max_leaves=6,
    )


def _rules() -> st.SearchStrategy[GbnfGrammar]:
    bodies = st.tuples(*[_bodies(i) for i in range(N_RULES)])
    names = ["root", *[f"r{i}" for i in range(1, N_RULES)]]
    return bodies.map(lambda b: GbnfGrammar(dict(zip(names, b, strict=True))))


grammars = _rules()
