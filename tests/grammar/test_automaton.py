"""The automaton allows what llama.cpp allows, and says what is forced."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hermes_gguf.errors import GrammarSyntaxError
from hermes_gguf.grammar.automaton import MAX_FORCED_CHARS, Automaton, State
from hermes_gguf.grammar.gbnf import GbnfGrammar, Literal, Repeat, RuleRef, seq
from hermes_gguf.grammar.gbnf_check import analyse
from hermes_gguf.grammar.gbnf_parser import parse_gbnf

from ..support.llama_grammar import ALPHABET, LlamaGrammar
from .strategies import grammars

JSON = r"""
root ::= object
value ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" (string ": " value (", " string ": " value)*)? "}"
array ::= "[" (value (", " value)*)? "]"
string ::= "\"" ([^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}))* "\""
number ::= "-"? ("0" | [1-9] [0-9]*) ("." [0-9]+)? ([eE] [-+]? [0-9]+)?
"""


def automaton(text: str, **options: int) -> Automaton:
    return Automaton(parse_gbnf(text), **options)


def usable(grammar: GbnfGrammar) -> Automaton:
    assume("root" in analyse(grammar.rules).productive)
    return Automaton(grammar)


def legal_chars(runner: Automaton, state: State) -> str:
    return "".join(c for c in ALPHABET if runner.advance(state, c) is not None)


def random_walk(
    runner: Automaton, draw: Callable[..., str], n_steps: int
) -> list[tuple[str, State]]:
    """Prefixes of one text and their states, by choices among the legal characters."""
    text, state = "", runner.start
    places = [(text, state)]
    for _ in range(n_steps):
        legal = legal_chars(runner, state)
        if not legal:
            break
        text += draw(st.sampled_from(legal))
        following = runner.advance(state, text[-1])
        assert following is not None
        state = following
        places.append((text, state))
    return places


@pytest.mark.parametrize(
    ("grammar", "accepted", "unfinished", "rejected"),
    [
        ('root ::= "a" | "ab"', ["a", "ab"], [""], ["b", "aa", "abc"]),
        ('root ::= "a"{2,3}', ["aa", "aaa"], ["a", ""], ["aaaa", "ab"]),
        ('root ::= ("a" | "b"?){2}', ["", "a", "ab", "bb"], [], ["aba"]),
        ('root ::= [^a-c] [^"\\]]', ["dx", "é漢"], ["d"], ["a", 'd"', "d]"]),
        ('root ::= "(" root? ")"', ["()", "(())"], ["(("], [")", "())"]),
        ('root ::= a b\na ::= "x"*\nb ::= "x"', ["x", "xxx"], [""], ["y"]),
        ('root ::= . "!"', ["é!", "\n!"], ["!"], ["é?"]),
    ],
)
def test_texts_are_accepted_unfinished_or_rejected(
    grammar: str, accepted: list[str], unfinished: list[str], rejected: list[str]
) -> None:
    runner = automaton(grammar)
    for text in accepted:
        assert runner.accepts(text), text
    for text in unfinished:
        state = runner.advance(runner.start, text)
        assert state is not None, text
        assert not state.may_end, text
    for text in rejected:
        assert runner.advance(runner.start, text) is None, text


@settings(max_examples=150)
@given(grammars, st.data())
def test_llama_cpp_allows_the_same_at_every_place(
    llama: LlamaGrammar, grammar: GbnfGrammar, data: st.DataObject
) -> None:
    gbnf = grammar.to_gbnf()
    # llama.cpp does not see that a rule can never end.
    assume(len(analyse(grammar.rules).productive) == len(grammar.rules))
    try:
        parsed = parse_gbnf(gbnf)
    except GrammarSyntaxError:
        assert llama.walk(gbnf, "") is None
        return
    runner, unprinted = Automaton(parsed), Automaton(grammar)
    places = random_walk(runner, data.draw, 12)
    theirs = llama.walk(gbnf, places[-1][0])
    assert theirs is not None
    assert len(theirs) == len(places)
    for (text, state), place in zip(places, theirs, strict=True):
        assert set(legal_chars(runner, state)) == place.chars, text
        assert state.may_end == place.may_end, text
        same = unprinted.advance(unprinted.start, text)
        assert same is not None
        assert same.next_ranges() == state.next_ranges()
        assert same.may_end == state.may_end


@given(grammars, st.data())
def test_forced_text_begins_every_continuation_and_is_the_longest(
    grammar: GbnfGrammar, data: st.DataObject
) -> None:
    runner = usable(grammar)
    places = random_walk(runner, data.draw, 12)
    whole = places[-1][0]
    for text, state in places:
        forced = runner.forced(state)
        assert whole[len(text) :].startswith(forced) or forced.startswith(
            whole[len(text) :]
        )
        after = runner.advance(state, forced)
        assert after is not None
        choices = sum(high - low + 1 for low, high in after.next_ranges())
        assert after.may_end or choices > 1 or len(forced) == MAX_FORCED_CHARS


@settings(max_examples=40)
@given(grammars, st.data())
def test_forgetting_changes_no_answer(
    grammar: GbnfGrammar, data: st.DataObject
) -> None:
    runner = usable(grammar)
    forgetful = Automaton(grammar, max_memo_cost=20)
    kept: list[tuple[State, State]] = []
    state = forgetful.start
    for text, expected in random_walk(runner, data.draw, 12)[1:]:
        following = forgetful.advance(state, text[-1])
        assert following is not None
        state = following
        kept.append((state, expected))
    # Going back to an older state still works, also after its memo was left.
    for state, expected in kept[::3]:
        assert state.next_ranges() == expected.next_ranges()
        assert (len(state), state.may_end) == (len(expected), expected.may_end)
        for char in ALPHABET:
            old = forgetful.advance(state, char)
            new = runner.advance(expected, char)
            assert (old is None) == (new is None)


@given(grammars, st.data())
def test_no_state_is_a_dead_end(grammar: GbnfGrammar, data: st.DataObject) -> None:
    runner = usable(grammar)
    for text, state in random_walk(runner, data.draw, 12):
        assert state.may_end or state.next_ranges()
        assert runner.accepts(text) == state.may_end


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text("abé"), v, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("ab\n"), json_values, max_size=4), st.booleans())
def test_json_documents_are_accepted_and_cut_ones_are_unfinished(
    document: dict[str, object], ascii_only: bool
) -> None:
    runner = automaton(JSON)
    text = json.dumps(document, ensure_ascii=ascii_only)
    assert runner.accepts(text)
    cut = runner.advance(runner.start, text[:-1])
    assert cut is not None
    assert not cut.may_end
    assert runner.advance(runner.start, text + " ") is None


def test_thirty_thousand_open_brackets_do_not_overflow() -> None:
    runner = automaton('root ::= "[" root? "]"')
    depth = 30_000
    assert runner.accepts("[" * depth + "]" * depth)
    assert not runner.accepts("[" * depth + "]" * (depth - 1))


def test_a_state_tells_the_characters_that_may_come_next() -> None:
    runner = automaton(JSON)
    state = runner.advance(runner.start, '{"a": nul')
    assert state is not None
    assert state.next_ranges() == ((ord("l"), ord("l")),)


def test_a_long_chain_of_rules_does_not_overflow() -> None:
    n = 5_000
    rules = {f"r{i}": RuleRef(f"r{i + 1}") for i in range(n)} | {f"r{n}": Literal("x")}
    assert Automaton(GbnfGrammar({"root": RuleRef("r0"), **rules})).accepts("x")


@pytest.mark.parametrize(
    ("repeated", "counts"),
    [
        ('("a"{0,3}){0,6}', set(range(19))),
        ('("a"{2}){1,3}', {2, 4, 6}),
        ('("a"{2,3}){0,2}', {0, 2, 3, 4, 5, 6}),
        ('("a"{2,3}){1,2}', {2, 3, 4, 5, 6}),
        ('("a"{2,}){0,1}', {0, *range(2, 30)}),
        ('("a"{3,5}){1,2}', {3, 4, 5, *range(6, 11)}),
        ('("a"{1,}){2,3}', set(range(2, 30))),
        ('("a"{3}){2}', {6}),
    ],
)
def test_repetitions_of_repetitions_allow_exactly_their_counts(
    repeated: str, counts: set[int]
) -> None:
    runner = automaton(f"root ::= {repeated}")
    assert {n for n in range(30) if runner.accepts("a" * n)} == counts


def test_counts_are_exact_without_being_unrolled() -> None:
    body = Repeat(seq("a", Repeat(Literal("b"), 0, 1_000_000)), 0, 1_000_000)
    runner = Automaton(GbnfGrammar({"root": seq(body, ".")}))
    assert runner.accepts("a" + "b" * 5 + "a" * 2_000 + ".")
    runner = automaton('root ::= "a"{1999,2000}')
    for n, accepted in [(1998, False), (1999, True), (2000, True), (2001, False)]:
        assert runner.accepts("a" * n) == accepted


@pytest.mark.parametrize(
    ("grammar", "text", "n_stacks"),
    [
        pytest.param(r'root ::= ("a" | "a" "b"? | "a" [c])*', "a" * 50, 6, id="merged"),
        pytest.param('root ::= x x x x x\nx ::= "a"*', "a" * 50, 6, id="ambiguous"),
        pytest.param(
            'root ::= "a" root "b"? | "a" root "c"? | "d"', "a" * 500, 4, id="doubling"
        ),
        pytest.param(JSON, '{"a": [{"b": "', 3, id="json string"),
    ],
)
def test_equal_ways_to_go_on_are_one_stack(
    grammar: str, text: str, n_stacks: int
) -> None:
    runner = automaton(grammar)
    state = runner.advance(runner.start, text)
    assert state is not None
    assert len(state) <= n_stacks


def test_equal_places_are_the_same_state() -> None:
    runner = automaton(JSON)
    once = runner.advance(runner.start, '{"a": [1')
    again = runner.advance(runner.start, '{"long name": [-2.5, 1')
    assert once is not None
    assert once is again


def test_endless_forced_text_is_cut() -> None:
    runner = automaton('root ::= "' + "ab" * MAX_FORCED_CHARS + '"')
    assert len(runner.forced(runner.start)) == MAX_FORCED_CHARS


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"start": Literal("a")}, "root"),
        ({"root": RuleRef("x")}, "'x' is not defined"),
        ({"root": seq(RuleRef("root"), "a")}, "left recursion: root -> root"),
        ({"root": seq("a", RuleRef("root"))}, "matches no text"),
    ],
)
def test_grammars_that_cannot_run_are_refused(
    rules: dict[str, RuleRef], problem: str
) -> None:
    with pytest.raises(GrammarSyntaxError, match=problem):
        Automaton(GbnfGrammar(rules))


def test_threads_share_one_automaton() -> None:
    runner = automaton(JSON, max_memo_cost=500)
    documents = [json.dumps({"k" * i: [i] * (i % 7)}) for i in range(200)]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(runner.accepts, documents * 5))
