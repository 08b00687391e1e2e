"""Sampling options by name, folded into the one value that a request carries.

Knows the names of `SamplingOptions`; it knows nothing of the other options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

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
    if said:
        others["sampling"] = replace(options.get("sampling") or default, **said)
    return others
