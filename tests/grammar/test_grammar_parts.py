"""Text up to a tag, factored names and embedded grammars keep their languages."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hermes_gguf.grammar.automaton import Automaton
from hermes_gguf.grammar.embed import Embedder
from hermes_gguf.grammar.gbnf import EMPTY, GbnfGrammar, GrammarBuilder, Literal, seq
from hermes_gguf.grammar.gbnf_check import analyse
from hermes_gguf.grammar.gbnf_parser import parse_gbnf
from hermes_gguf.grammar.text import factored, text_until

from ..support.llama_grammar import ALPHABET, LlamaGrammar
from .strategies import grammars


@given(
    st.sampled_from(["</think>", "abab", "aab", "x", "aaa"]),
    st.lists(st.sampled_from(["<", "/", "</think>", "</thin", "a", "b", "x", "é"])),
)
def test_text_until_a_tag_ends_with_the_first_one(close: str, parts: list[str]) -> None:
    builder = GrammarBuilder()
    runner = Automaton(builder.build(text_until(builder, "text", close)))
    text = "".join(parts)
    before, tag, after = text.partition(close)
    state = runner.advance(runner.start, before + tag)
    assert state is not None
    assert state.may_end == bool(tag)
    assert len(state) <= 3
    assert not after or runner.advance(state, after[0]) is None


@given(st.lists(st.text("ab", max_size=6), min_size=1, max_size=8, unique=True))
def test_factored_texts_are_those_texts(texts: list[str]) -> None:
    options = [(text, Literal(f"={i}")) for i, text in enumerate(texts)]
    runner = Automaton(GbnfGrammar({"root": factored(options)}))
    for i, text in enumerate(texts):
        assert runner.accepts(f"{text}={i}")
        assert not runner.accepts(f"{text}={i + 1}")
        state = runner.advance(runner.start, text)
        assert state is not None
        assert len(state) <= 3


def test_names_that_nest_deeply_are_printed_and_read() -> None:
    names = [("a" * n, EMPTY) for n in range(1, 400)]
    printed = GbnfGrammar({"root": factored(names)}).to_gbnf()
    assert Automaton(parse_gbnf(printed)).accepts("a" * 399)


@settings(max_examples=60)
@given(st.lists(grammars, min_size=2, max_size=3), st.data())
def test_embedded_grammars_keep_their_languages(
    parts: list[GbnfGrammar], data: st.DataObject
) -> None:
    for part in parts:
        assume("root" in analyse(part.rules).productive)
    builder = GrammarBuilder()
    embedder = Embedder(builder)
    refs = [embedder.add(f"part-{i}", part) for i, part in enumerate(parts)]
    whole = Automaton(
        builder.build(factored([(f"{i}:", r) for i, r in enumerate(refs)]))
    )
    for i, part in enumerate(parts):
        alone = Automaton(part)
        text, state = "", alone.start
        for _ in range(6):
            embedded = whole.advance(whole.start, f"{i}:{text}")
            assert embedded is not None
            assert embedded.may_end == state.may_end
            assert embedded.next_ranges() == state.next_ranges()
            legal = [c for c in ALPHABET if state[c] is not None]
            if not legal:
                break
            text += data.draw(st.sampled_from(legal))
            following = state[text[-1]]
            assert following is not None
            state = following


@pytest.mark.parametrize("close", ["</think>", "</scratch_pad>"])
def test_llama_cpp_reads_reasoning_too(close: str, llama: LlamaGrammar) -> None:
    builder = GrammarBuilder()
    printed = builder.build(seq("<", text_until(builder, "text", close))).to_gbnf()
    places = llama.walk(printed, "<a</b<" + close[:2])
    assert places is not None
    assert len(places[-1].chars) == len(ALPHABET)
