"""The compiler against other people's schemas: results may only become better."""

from __future__ import annotations

import pytest

from ..support.conformance.ratchet import (
    SAMPLE_EVERY,
    load_ratchet,
    run_cases,
    run_suite,
    sample,
    suite_names,
)
from ..support.shared import shared_path


@pytest.mark.parametrize("name", list(suite_names()))
def test_the_official_suite_is_judged_no_worse_than_before(name: str) -> None:
    run = run_suite(shared_path("jsonschema/suite"), name)
    assert run.losses(load_ratchet()[name]) == []
    assert run.documents.under == 0


def test_a_sample_of_real_schemas_is_judged_no_worse_than_before() -> None:
    run = run_cases(sample(shared_path("jsonschema/maskbench-dev.jsonl.gz")))
    assert run.losses(load_ratchet()[f"maskbench/{SAMPLE_EVERY}"]) == []
    assert run.schemas.correct / run.schemas.total >= 0.95
