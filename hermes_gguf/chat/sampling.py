"""Sampling options by name, folded into the one value that a request carries.

Knows the names of `SamplingOptions`; it knows nothing of the other options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from ..errors import OptionError
from ..options import SamplingOptions

SAMPLING_NAMES = frozenset(field.name for field in fields(SamplingOptions))


def with_sampling(
    options: Mapping[str, Any], *, default: SamplingOptions
) -> dict[str, Any]:
    """`options` with what they say about sampling in one value, `sampling`.

    Args:
        options: Options of an answer; `sampling` may stand beside single names.
        default: What single names change when there is no `sampling`.

    Raises:
        OptionError: a value cannot be.
    """
    said = {name: value for name, value in options.items() if name in SAMPLING_NAMES}
    others = {
        name: value for name, value in options.items() if name not in SAMPLING_NAMES
    }
    base = options.get("sampling")
    if base is not None and not isinstance(base, SamplingOptions):
        raise OptionError(
            "sampling",
            f"must be SamplingOptions, not {base!r}",
            hint="SamplingOptions(temperature=0), or temperature=0 alone",
        )
    if said:
        others["sampling"] = sampling_from(said, default=base or default)
    return others


def sampling_from(
    said: Mapping[str, Any], *, default: SamplingOptions
) -> SamplingOptions:
    """`default` with what `said` changes of it.

    Raises:
        OptionError: a value cannot be.
    """
    values = dict(said)
    if isinstance(values.get("logit_bias"), Mapping):
        values["logit_bias"] = tuple(values["logit_bias"].items())
    return replace(default, **values)
