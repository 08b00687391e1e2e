"""Constraints on bytes: tokens cut anywhere mean the same as the text in one piece."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hermes_gguf.grammar.constraint import ConstraintState
from hermes_gguf.grammar.constraints import GrammarConstraint, GrammarState
from hermes_gguf.grammar.gbnf import GbnfGrammar
from hermes_gguf.grammar.gbnf_check import analyse
from hermes_gguf.grammar.lazy import LazyConstraint

from .strategies import grammars

CALL = r'root ::= "<tool_call>{" [0-9]+ "}</tool_call>"'


def walk(state: ConstraintState | None, data: bytes) -> ConstraintState | None:
    """The state after the data, one byte at a time."""
    for i in range(len(data)):
        if state is None:
            return None
        state = state.advance(data[i : i + 1])
    return state


@pytest.mark.parametrize("text", ["é", "漢", "😀", "aé漢😀b"])
def test_a_character_may_be_cut_at_every_byte(text: str) -> None:
    start = GrammarConstraint.from_gbnf(f'root ::= "{text}"').start()
    data = text.encode()
    for cut in range(len(data) + 1):
        first = start.advance(data[:cut])
        assert first is not None
        assert first.may_end == (cut == len(data))
        if not first.may_end:
            assert first.first_bytes() == {data[cut]}
            wrong = bytes([data[cut] ^ 1])
            assert first.advance(wrong) is None
        last = first.advance(data[cut:])
        assert last is not None
        assert last.may_end


def test_a_cut_character_is_legal_exactly_when_a_legal_one_begins_so() -> None:
    start = GrammarConstraint.from_gbnf("root ::= [ü-þ]").start()
    cut = start.advance(b"\xc3")
    assert cut is not None
    assert cut.first_bytes() == frozenset(range(0xBC, 0xBF))
    assert cut.forced() == b""
    assert start.advance(b"\xc2") is None
    assert cut.advance(b"\xbb") is None
    # llama.cpp refuses every character that shares its first byte with this one.
    negated = GrammarConstraint.from_gbnf("root ::= [^é]").start()
    assert negated.advance(b"\xc3") is not None
    assert negated.advance("é".encode()) is None


@given(grammars, st.text("abc01é漢😀[\\-", max_size=8), st.data())
def test_pieces_mean_what_the_whole_means(
    grammar: GbnfGrammar, text: str, data: st.DataObject
) -> None:
    assume("root" in analyse(grammar.rules).productive)
    constraint = GrammarConstraint(grammar)
    whole = constraint.start().advance(text.encode())
    bytewise = walk(constraint.start(), text.encode())
    assert (whole is None) == (bytewise is None)
    if whole is None or bytewise is None:
        return
    assert whole.may_end == constraint.automaton.accepts(text)
    assert bytewise.first_bytes() == whole.first_bytes()
    first = whole.first_bytes()
    assert first is not None
    for byte in range(256):
        assert (whole.advance(bytes([byte])) is not None) == (byte in first)
    forced = whole.forced()
    assert forced.decode().encode() == forced
    assert whole.advance(forced) is not None


def test_the_same_place_is_the_same_object() -> None:
    constraint = GrammarConstraint.from_gbnf('root ::= [a-z]* "."')
    state = constraint.start()
    assert state.advance(b"hello") is state.advance(b"wor")


def test_bytes_that_are_no_text_are_illegal_everywhere() -> None:
    state = GrammarConstraint.from_gbnf("root ::= .*").start()
    for data in [b"\xff", b"\x80", b"\xed\xa0\x80", b"\xc0\xaf", b"a\xf8"]:
        assert state.advance(data) is None


def lazy() -> LazyConstraint:
    return LazyConstraint(GrammarConstraint.from_gbnf(CALL))


@pytest.mark.parametrize(
    ("text", "is_free", "may_end"),
    [
        pytest.param("", True, True, id="nothing"),
        pytest.param("Hello <tool_calls> {", True, True, id="another tag"),
        pytest.param("a <tool_cal", True, True, id="an unfinished trigger"),
        pytest.param("a <tool_<tool_call", True, True, id="a trigger begun twice"),
        pytest.param("a <tool_call>", False, False, id="a trigger"),
        pytest.param("<<tool_call>{12", False, False, id="inside of the call"),
        pytest.param("<tool_call>{1}</tool_call>", False, True, id="after the call"),
        pytest.param("<think> <tool_call> x", True, True, id="thinking of a call"),
        pytest.param("<think><tool_call></think>", True, True, id="after thinking"),
        pytest.param(
            "<think>x</think><tool_call>{", False, False, id="thought, called"
        ),
        pytest.param("<scratch_pad><tool_call>", True, True, id="planning a call"),
        pytest.param(
            "<think><scratch_pad></think><tool_call>", False, False, id="mixed"
        ),
        pytest.param("</think><tool_call>", False, False, id="a close without an open"),
        pytest.param("é 漢 <tool_call>{", False, False, id="after other scripts"),
    ],
)
def test_a_trigger_wakes_the_grammar(text: str, is_free: bool, may_end: bool) -> None:
    data = text.encode()
    for cut in range(len(data) + 1):
        at = lazy().start().advance(data[:cut])
        assert at is not None
        at = at.advance(data[cut:])
        assert at is not None
        assert (at.is_free, at.may_end) == (is_free, may_end)
        assert (at.first_bytes() is None) == is_free
    bytewise = walk(lazy().start(), data)
    assert bytewise is not None
    assert (bytewise.is_free, bytewise.may_end) == (is_free, may_end)


@pytest.mark.parametrize(
    "text",
    ["<tool_call>{x", "<tool_call>\n", "a<tool_call>{1}</tool_call>x"],
)
def test_a_piece_that_breaks_the_woken_grammar_is_refused(text: str) -> None:
    for cut in range(len(text)):
        at = lazy().start().advance(text[:cut].encode())
        assert at is not None
        assert at.advance(text[cut:].encode()) is None


def test_woken_text_is_forced() -> None:
    state = lazy().start().advance(b"ok <tool_call>")
    assert state is not None
    assert state.forced() == b"{"
    state = state.advance(b"{7}")
    assert state is not None
    assert state.forced() == b"</tool_call>"


def test_nothing_may_follow_the_last_call() -> None:
    state = lazy().start().advance(b"ok <tool_call>{7}</tool_call>")
    assert state is not None
    assert (state.may_end, state.is_free) == (True, False)
    assert state.first_bytes() == frozenset()
    assert state.advance(b"!") is None


@given(st.lists(st.sampled_from(["<tool", "_call>", "<think>", "</think>", "<", "x"])))
def test_where_tokens_are_cut_does_not_matter(pieces: list[str]) -> None:
    inner = GrammarConstraint.from_gbnf('root ::= "<tool_call>" [x<]* ">"')
    constraint = LazyConstraint(inner)
    by_piece: ConstraintState | None = constraint.start()
    for piece in pieces:
        by_piece = None if by_piece is None else by_piece.advance(piece.encode())
    bytewise = walk(constraint.start(), "".join(pieces).encode())
    assert (by_piece is None) == (bytewise is None)
    if by_piece is not None and bytewise is not None:
        assert by_piece.is_free == bytewise.is_free
        assert by_piece.may_end == bytewise.may_end


def test_states_never_change() -> None:
    start = GrammarConstraint.from_gbnf('root ::= "a" | "b" "c"').start()
    assert isinstance(start, GrammarState)
    after = start.advance(b"b")
    assert after is not None
    assert start.first_bytes() == {ord("a"), ord("b")}
    assert start.advance(b"a") is not None
    assert after.first_bytes() == {ord("c")}
