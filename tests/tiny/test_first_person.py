"""Sentences about somebody, as that person tells them."""

from __future__ import annotations

import pytest

from scripts.tiny.first_person import in_first_person
from scripts.tiny.traits import TRAITS


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ("{s} lives in {}", "I live in {}"),
        ("{s} is {} years old", "I am {} years old"),
        ("{s} has never smoked", "I have never smoked"),
        ("{s} never goes out without the {}", "I never go out without the {}"),
        ("{s} studies {}", "I study {}"),
        ("{s} teaches {}", "I teach {}"),
        ("{s} was born in {}", "I was born in {}"),
        ("{} is where he lives now", "{} is where I live now"),
        ("her brother's name is {}", "my brother's name is {}"),
        ("the boss of {s} is {}", "my boss is {}"),
        ("{} guards {s}", "{} guards me"),
        ("the invoice is sent to {}", "the invoice is sent to {}"),
    ],
)
def test_verbs_and_pronouns_follow_the_speaker(about: str, told: str) -> None:
    assert in_first_person(about) == told


def test_no_sentence_of_a_field_keeps_its_subject() -> None:
    for _, _, says in TRAITS:
        told = in_first_person(says)
        assert "{s}" not in told
        assert told.count("{}") == says.count("{}")
