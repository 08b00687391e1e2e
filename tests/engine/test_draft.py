from __future__ import annotations

from hermes_gguf.engine.llama.draft import Drafter
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary(["John", " John", " Smith", " works", " at", "the", " the"])


def ids(*words: str) -> list[int]:
    return [VOCABULARY.pieces.index(word.encode()) for word in words]


def spelled(text: str) -> list[int]:
    return VOCABULARY.tokenize(text.encode(), False)


def test_free_text_repeats_runs_of_tokens():
    drafter = Drafter(
        VOCABULARY, ids("the", " John", " Smith", " works"), copies_values=False
    )
    drafter.extend(ids("the", " John"))
    assert drafter.propose(2) == ids(" Smith", " works")
    assert drafter.propose(1, after=ids(" Smith")) == ids(" works")


def test_json_copies_values_first():
    drafter = Drafter(VOCABULARY, spelled("ask John Smith."), copies_values=True)
    drafter.extend(spelled('{"to": "John'))
    assert drafter.propose(8) == ids(" Smith")


def test_values_are_looked_for_in_json_only():
    drafter = Drafter(VOCABULARY, spelled("ask John Smith."), copies_values=False)
    drafter.extend(spelled('{"to": "John'))
    assert drafter.propose(8) == []


def test_only_the_looked_up_part_of_a_draft_is_judged():
    drafter = Drafter(
        VOCABULARY, ids("the", " John", " Smith", " works"), copies_values=False
    )
    drafter.extend(ids("the"))
    for n_accepted in (1, 1):
        # What was taken for granted came true, what was looked up did not.
        guess = drafter.propose(8, after=ids(" John"))
        assert guess
        drafter.learn(1 + len(guess), n_accepted)
    assert drafter.propose(8, after=ids(" John")) == []
