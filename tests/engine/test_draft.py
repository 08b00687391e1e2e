from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.draft import Drafter, Guessing
from hermes_gguf.engine.llama.guesses import Guesses
from hermes_gguf.grammar.constraints import GrammarConstraint
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary(
    ["John", " John", " Smith", " works", " at", "the", " the", '",', ' "', '"}']
)
TWO = r"""root ::= "{\"to\": \"" [A-Za-z ]* "\", \"n\": " [0-9]+ "}" """


def ids(*words: str) -> list[int]:
    return [VOCABULARY.pieces.index(word.encode()) for word in words]


def spelled(text: str) -> list[int]:
    return VOCABULARY.tokenize(text.encode(), False)


def drafter(prompt: list[int], *, has_grammar: bool = False, **options) -> Drafter:
    return Drafter(
        VOCABULARY, prompt, guessing=Guessing(), has_grammar=has_grammar, **options
    )


def guesses(text: str, prompt: str, grammar: str, **options) -> Guesses:
    """What is guessed after `text` under a grammar."""
    state = GrammarConstraint.from_gbnf(grammar).start().advance(text.encode())
    made = drafter(spelled(prompt), has_grammar=True, **options)
    made.extend(spelled(text))
    return made.propose(31, state=state)


def written(*args: str) -> str:
    return VOCABULARY.detokenize(guesses(*args).tokens).decode()


def test_free_text_repeats_runs_of_tokens():
    made = drafter(ids("the", " John", " Smith", " works"))
    made.extend(ids("the", " John"))
    assert made.propose(2, state=None).tokens == ids(" Smith", " works")
    assert made.propose(1, state=None).tokens == ids(" Smith")
    assert made.propose(0, state=None).tokens == []


def test_a_value_is_copied_and_closed_and_the_next_one_begun():
    assert written('{"to": "John', "ask John Smith.", TWO) == ' Smith", "n": '
    assert written('{"to": "', "ask John to 7.", TWO) == 'John", "n": 7}'


def test_what_the_grammar_dictates_needs_no_logits():
    made = guesses('{"to": "', "ask John to 7.", TWO)
    chosen = [
        VOCABULARY.pieces[token].decode()
        for token, is_chosen in zip(made.tokens, made.is_chosen, strict=True)
        if is_chosen
    ]
    assert chosen[:2] == ["John", '",']
    assert chosen[-2:] == ["7", "}"]
    every = guesses('{"to": "', "ask John to 7.", TWO, jumps=False)
    assert all(every.is_chosen)


def test_chances_fall_along_a_draft():
    made = guesses('{"to": "', "ask John to 7.", TWO)
    assert made.chances == sorted(made.chances, reverse=True)
    assert 0 < made.chances[-1] < made.chances[0] < 1


def test_a_guess_ends_where_the_grammar_forbids_it():
    digits = r"""root ::= "{\"to\": \"" [A-Z] [a-z]* [0-9] "\"}" """
    assert written('{"to": "John', "ask John Smith.", digits) == ""


def test_a_guess_joins_the_text_that_is_held_back():
    quoted = r"""root ::= "{\"to\":" " "? "\"" [A-Za-z]* "\"}" """
    state = GrammarConstraint.from_gbnf(quoted).start().advance(b'{"to":')
    made = drafter(spelled("ask John."), has_grammar=True)
    made.extend(spelled('{"to":'))
    tokens = made.propose(9, state=state, held=[32, 34]).tokens
    assert tokens[:2] == ids(' "', "John")


@pytest.mark.parametrize(("came", "holds"), [(" Smith", True), (" works", False)])
def test_guesses_are_judged_by_what_came_whether_they_were_tried_or_not(came, holds):
    made = drafter(ids("the", " John", " Smith", "the", " John"))
    first = made.propose(9, state=None).chances[0]
    made.extend(ids(came, "the", " John"))
    assert (made.propose(9, state=None).chances[0] > first) == holds
