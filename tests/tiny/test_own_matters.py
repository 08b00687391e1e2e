"""The embedded model knows what it is, and what it is asked about this program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hermes_gguf import Hermes


@pytest.fixture(scope="module")
def hermes() -> Iterator[Hermes]:
    with Hermes("tiny") as loaded:
        yield loaded


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("hello", "I am Hermes"),
        ("who are you?", "a demonstration model"),
        ("What is Hermes?", "Nous Research"),
        ("what is GGUF?", "file format of llama.cpp"),
        ("What is ChatML?", "each turn begins with a role"),
        ("what is this program", "runs the Hermes models"),
        ("How do I get the real model?", "hermes-gguf pull hermes-2-pro-llama-3-8b"),
        ("thanks", "welcome"),
    ],
)
def test_small_talk(hermes: Hermes, question: str, told: str) -> None:
    assert told in hermes.chat(question, temperature=0).text
