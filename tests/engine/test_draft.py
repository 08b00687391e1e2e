from __future__ import annotations

from hermes_gguf.engine.llama.draft import Drafter
from hermes_gguf.grammar.constraints import GrammarConstraint
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary(["John", " John", " Smith", " works", " at", "the", " the"])


def ids(*words: str) -> list[int]:
    return [VOCABULARY.pieces.index(word.encode()) for word in words]


def spelled(text: str) -> list[int]:
    return VOCABULARY.tokenize(text.encode(), False)


def drafter(prompt: list[int], *, has_grammar: bool = False) -> Drafter:
    return Drafter(VOCABULARY, prompt, has_grammar=has_grammar)


def test_free_text_repeats_runs_of_tokens():
    guesses = drafter(ids("the", " John", " Smith", " works"))
    guesses.extend(ids("the", " John"))
    assert guesses.propose(2, state=None) == ids(" Smith", " works")
    assert guesses.propose(2, state=None, after=ids(" Smith")) == ids(
        " Smith", " works"
    )
    assert guesses.propose(0, state=None) == []


def written(text: str, prompt: str, grammar: str) -> str:
    """What is guessed after `text` under a grammar."""
    state = GrammarConstraint.from_gbnf(grammar).start().advance(text.encode())
    guesses = drafter(spelled(prompt), has_grammar=True)
    guesses.extend(spelled(text))
    tokens = guesses.propose(16, state=state)
    return VOCABULARY.detokenize(tokens).decode()


TWO = r"""root ::= "{\"to\": \"" [A-Za-z ]* "\", \"n\": " [0-9]+ "}" """


def test_a_value_is_copied_and_closed_and_the_next_one_begun():
    assert written('{"to": "Jo', "ask Jo.", TWO) == ""
    assert written('{"to": "John', "ask John Smith.", TWO) == ' Smith", "n": '
    assert written('{"to": "', "ask John to 7.", TWO) == 'John", "n": 7}'


def test_a_guess_ends_where_the_grammar_forbids_it():
    digits = r"""root ::= "{\"to\": \"" [A-Z] [a-z]* [0-9] "\"}" """
    assert written('{"to": "John', "ask John Smith.", digits) == ""


def test_only_the_part_of_a_draft_that_was_reached_is_judged():
    guesses = drafter(ids("the", " John", " Smith", " works", " at"))
    guesses.extend(ids("the"))
    john = ids(" John")
    for n_accepted in (0, 0, 0, 0):
        # What was taken for granted was wrong already: the rest was not tried.
        assert len(guesses.propose(9, state=None, after=john)) > 1
        guesses.learn(4, n_accepted)
    for n_accepted in (1, 1):
        assert len(guesses.propose(9, state=None, after=john)) > 1
        guesses.learn(4, n_accepted)
    assert guesses.propose(9, state=None, after=john) == john
