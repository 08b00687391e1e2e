"""Values that are no options are refused by name, before anything is loaded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermes_gguf.errors import OptionError
from hermes_gguf.options import LoadOptions, SamplingOptions, require_count


@pytest.mark.parametrize(
    ("kind", "name", "value", "problem"),
    [
        (SamplingOptions, "temperature", "hot", "must be a number, not 'hot'"),
        (SamplingOptions, "temperature", None, "must be a number, not None"),
        (SamplingOptions, "temperature", float("nan"), "must be in 0..100"),
        (SamplingOptions, "top_p", True, "must be a number, not True"),
        (SamplingOptions, "top_k", 2.5, "must be a whole number, not 2.5"),
        (SamplingOptions, "seed", "a", "must be a whole number, not 'a'"),
        (SamplingOptions, "logit_bias", {5: -100}, "must be pairs"),
        (SamplingOptions, "logit_bias", [("a", 1.0)], "must be pairs"),
        (SamplingOptions, "logit_bias", 5, "must be pairs"),
        (SamplingOptions, "logit_bias", None, "must be pairs"),
        (SamplingOptions, "logit_bias", [(5, float("nan"))], "must be pairs"),
        (SamplingOptions, "logit_bias", [(5, float("inf"))], "must be pairs"),
        (LoadOptions, "n_ctx", "8k", "must be a whole number, not '8k'"),
        (LoadOptions, "n_slots", 0, "must be in 1..254"),
        (LoadOptions, "n_slots", 255, "must be in 1..254"),
        (LoadOptions, "n_threads", 10**6, "must be in 0..512"),
        (LoadOptions, "n_threads_batch", -1, "must be in 0..512"),
        (LoadOptions, "use_mmap", "no", "must be True or False, not 'no'"),
        (LoadOptions, "flash_attention", 1, "must be True or False, not 1"),
        (LoadOptions, "draft_model", 5, "must be the path of a file"),
        (LoadOptions, "kv_type", "q3", "'q3' is none of f16, q8_0, q4_0, f32"),
    ],
)
def test_wrong_values_are_refused_by_name(
    kind: Any, name: str, value: Any, problem: str
) -> None:
    with pytest.raises(OptionError, match=problem) as caught:
        kind(**{name: value})
    assert caught.value.option == name


def test_numbers_of_numpy_are_numbers() -> None:
    options = SamplingOptions(temperature=np.float32(0.5), top_k=np.int64(3))
    assert (options.temperature, options.top_k) == (0.5, 3)
    require_count("max_retries", np.int64(2), least=0)
