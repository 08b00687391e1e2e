from __future__ import annotations

from hermes_gguf.engine.llama.lookup import PromptLookup
from tests.engine.toy import toy_vocabulary

VOCABULARY = toy_vocabulary(["John", " John", " Smith", " works", " at", "the", " the"])


def ids(*words: str) -> list[int]:
    return [VOCABULARY.pieces.index(word.encode()) for word in words]


def lookup(*words: str) -> PromptLookup:
    found = PromptLookup(VOCABULARY)
    found.extend(ids(*words))
    return found


def test_the_guess_is_what_followed_the_same_tokens():
    seen = lookup(" John", " Smith", " works", " at", "the", " John", " Smith")
    assert seen.propose(8) == ids(" works", " at", "the")


def test_a_value_at_its_beginning_lacks_the_space_it_had_in_the_text():
    seen = lookup("the", " John", " Smith", " works", " at", "{", '"', "John", " Smith")
    assert seen.propose(2) == ids(" works", " at")


def test_the_latest_occurrence_counts():
    seen = lookup("a", "b", "x", "a", "b", "y", "a", "b")
    assert seen.propose(1) == ids("y")


def test_nothing_is_guessed_without_a_repetition():
    assert lookup("a", "b", "c").propose(8) == []
    assert lookup().propose(8) == []
    assert lookup("a", "b", "a", "b").propose(0) == []


def test_guesses_grow_while_they_hold_and_pause_while_they_do_not():
    seen = lookup(*"abcdefghijklmnop", "a", "b")
    lengths = []
    for _ in range(4):
        lengths.append(len(seen.propose(99)))
        seen.learn(lengths[-1], lengths[-1])
    assert lengths == [3, 6, 8, 8]
    n_silent = 0
    for _ in range(20):
        guess = seen.propose(99)
        n_silent += not guess
        if guess:
            seen.learn(len(guess), 0)
    assert n_silent >= 10


def test_a_guess_follows_tokens_that_are_taken_for_granted():
    seen = lookup("the", " John", " Smith", " works", " at", "{")
    assert seen.propose(2, after=ids("John", " Smith")) == ids(" works", " at")
