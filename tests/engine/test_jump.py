from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.jump import plan_jump
from hermes_gguf.grammar.constraints import GrammarConstraint
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary()


def jump(grammar: str, limit: int | None = None) -> list[str]:
    state = GrammarConstraint.from_gbnf(grammar).start()
    planned = plan_jump(state, vocabulary=VOCABULARY, limit=limit)
    text = VOCABULARY.detokenize(planned.tokens)
    assert planned.state is state if not text else planned.state is state.advance(text)
    return [VOCABULARY.pieces[token].decode() for token in planned.tokens]


@pytest.mark.parametrize(
    ("grammar", "tokens"),
    [
        pytest.param(r'root ::= "{\"name"', ['{"', "name"], id="all of it"),
        pytest.param(
            r'root ::= "<tool_call>\n{\"" [xy]',
            ["<tool_call>", "\n", '{"'],
            id="a tag is its one token",
        ),
        pytest.param(
            r'root ::= "{\"nam" [e]? "x"',
            ['{"'],
            id="held back: nam could become name",
        ),
        pytest.param(
            r'root ::= "{\"nam" [x] "y"', ['{"', "nam", "x", "y"], id="e is not legal"
        ),
        pytest.param(
            r'root ::= "city\"" [PQ]', ["city"], id='held back: " could become "P'
        ),
        pytest.param(
            r'root ::= "cityPar" ("is" | "ty")', ["city"], id="Par could become Paris"
        ),
        pytest.param(r'root ::= "ab" "c"?', [], id="ab could become abc"),
        pytest.param(r"root ::= [ab]", [], id="a choice forces nothing"),
    ],
)
def test_forced_text_becomes_tokens_less_what_a_longer_token_could_absorb(
    grammar, tokens
):
    assert jump(grammar) == tokens


def test_characters_without_a_token_become_bytes():
    state = GrammarConstraint.from_gbnf('root ::= "é🙂x"').start()
    planned = plan_jump(state, vocabulary=VOCABULARY)
    assert VOCABULARY.detokenize(planned.tokens) == "é🙂x".encode()
    assert len(planned.tokens) == 1 + 4 + 1


@pytest.mark.parametrize(
    ("grammar", "held"),
    [
        (r'root ::= "{\"nam" [e]? "x"', ["nam"]),
        (r'root ::= "city\"" [PQ]', ['"']),
        (r'root ::= "{\"name"', []),
        (r"root ::= [ab]", []),
    ],
)
def test_what_is_held_back_is_the_guess_of_what_comes_next(grammar, held):
    state = GrammarConstraint.from_gbnf(grammar).start()
    planned = plan_jump(state, vocabulary=VOCABULARY)
    assert [VOCABULARY.pieces[token].decode() for token in planned.held] == held


def test_a_jump_stops_at_the_limit():
    assert jump(r'root ::= "{\"name\": \"city\"}"', limit=2) == ['{"', "name"]
    assert jump(r'root ::= "{\"name"', limit=0) == []


def test_text_that_spells_a_control_token_is_spelled_out():
    state = GrammarConstraint.from_gbnf(r'root ::= "<|im_start|>"').start()
    planned = plan_jump(state, vocabulary=VOCABULARY)
    assert VOCABULARY.detokenize(planned.tokens) == b"<|im_start|>"
    assert not VOCABULARY.special & set(planned.tokens)
