"""What is written about keys that an object does not name, and the nodes behind it."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from hermes_gguf.grammar.gbnf import Choice, Node, Repeat, Sequence, print_node
from hermes_gguf.grammar.gbnf_print import Used
from hermes_gguf.grammar.schema.other_keys import COMMON, all_but

_LETTERS = st.sampled_from("ab-_|é^")


@given(st.frozensets(st.text(_LETTERS, max_size=30), min_size=1, max_size=8))
@example(frozenset({"a"}))
@example(frozenset({""}))
@example(frozenset({"x" * 13 + "_or_", "x" * 13, "x" * 30 + "a", "x" * 30 + "b"}))
def test_the_text_written_at_once_is_that_of_the_nodes_made_later(
    keys: frozenset[str],
) -> None:
    node, rules = all_but(keys)
    bodies: dict[str, Node] = {**COMMON, "root": node, **rules}
    for name in (order := ["root"]):  # grows while it is read
        at_once, later = Used(bodies), Used({})
        text = print_node(bodies[name], at_once)
        assert text == print_node(_without_texts(bodies[name]), later)
        assert list(dict.fromkeys(at_once)) == list(dict.fromkeys(later))
        order += [each for each in later if each not in order]


def _without_texts(node: Node) -> Node:
    """The same nodes, to be printed one by one."""
    match node:
        case Sequence(parts):
            return Sequence(tuple(map(_without_texts, parts)))
        case Choice(options):
            return Choice(tuple(map(_without_texts, options)))
        case Repeat(inner, low, high):
            return Repeat(_without_texts(inner), low, high)
    return node
