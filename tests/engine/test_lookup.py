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
    assert seen.propose()[:3] == ids(" works", " at", "the")


def test_a_value_at_its_beginning_lacks_the_space_it_had_in_the_text():
    seen = lookup("the", " John", " Smith", " works", " at", "{", '"', "John", " Smith")
    assert seen.propose()[:2] == ids(" works", " at")


def test_the_latest_occurrence_counts():
    seen = lookup("a", "b", "x", "a", "b", "y", "a", "b")
    assert seen.propose()[:1] == ids("y")


def test_nothing_is_guessed_without_a_repetition():
    assert lookup("a", "b", "c").propose() == []
    assert lookup().propose() == []
