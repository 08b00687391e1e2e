"""What a Python program shows of our errors."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from hermes_gguf.errors import (
    ContextOverflowError,
    GenerationError,
    HermesError,
    MessageError,
    NotDownloadedError,
    OptionError,
    ToolDefinitionError,
    TruncatedOutputError,
    UnknownModelError,
    UnsupportedSchemaError,
    WorkerDiedError,
)


def test_a_traceback_ends_with_the_next_thing_to_type() -> None:
    error = NotDownloadedError("hermes-3-8b", repo_id="a/b")
    error.add_note("asked for by a notebook")
    assert traceback.format_exception_only(error)[1:] == [
        "Next:  hermes-gguf pull hermes-3-8b\n",
        "asked for by a notebook\n",
    ]


def test_a_hint_that_was_set_later_is_shown_too_and_none_is_no_line() -> None:
    error = GenerationError("It failed.")
    assert len(traceback.format_exception_only(error)) == 1
    error.hint = "ask again"
    assert traceback.format_exception_only(error)[1] == "Next:  ask again\n"


def test_an_error_keeps_its_hint_and_notes_when_it_is_copied() -> None:
    error = GenerationError("It failed.", hint="ask again")
    error.add_note("twice")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (twin.hint, twin.__notes__) == (error.hint, error.__notes__)


#: One of each way to be made.
ERRORS = [
    UnknownModelError("tinny", close_matches=["tiny"]),
    NotDownloadedError("hermes-3-8b", repo_id="a/b"),
    MessageError("it is empty", index=3),
    ToolDefinitionError("add", "it has no type hint", parameter="a", hint="write it"),
    UnsupportedSchemaError("no grammar can", pointer="/not", keyword="not"),
    OptionError("top_p", "must be in (0, 1]"),
    ContextOverflowError(prompt_tokens=9, n_ctx=8),
    WorkerDiedError("The model's process ended.", how="SIGSEGV"),
    TruncatedOutputError("It was cut.", text='{"a": '),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_whole_out_of_another_process(error: HermesError) -> None:
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert (str(twin), vars(twin)) == (str(error), vars(error))
