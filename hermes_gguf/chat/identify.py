"""How a model wants to be spoken to: by its catalogue entry, or by its own metadata.

Finds the options of a `ChatModel` that whoever made the model has decided. What a
caller says in their place is the caller's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalog import ModelSpec
from ..engine.base import Engine
from ..options import SamplingOptions
from ..prompt import detect_dialect, matches_known_template
from ..tags import IM_START, START_HEADER


def options_of_spec(spec: ModelSpec) -> dict[str, Any]:
    """What the catalogue knows of a model, as options of `ChatModel`."""
    sampling: Mapping[str, Any] = spec.sampling
    return {
        "dialect": spec.dialect,
        "style": spec.prompt_style,
        "default_system": spec.default_system,
        "thinking_prompt": spec.thinking_prompt,
        "sampling": SamplingOptions(**sampling),
    }


def options_of_metadata(engine: Engine, *, given: Mapping[str, Any]) -> dict[str, Any]:
    """What an unknown file says of itself, as options of `ChatModel`.

    Args:
        engine: The engine that loaded it.
        given: Options that are decided already; a dialect among them is not asked
            for, so that a file which does not tell it can be used all the same.

    Raises:
        OptionError: the metadata do not tell the dialect.
    """
    metadata = engine.info.metadata
    template = metadata.get("tokenizer.chat_template")
    known = matches_known_template(template)
    found: dict[str, Any] = {"default_system": known.default_system if known else None}
    if "dialect" not in given:
        markers = (IM_START, START_HEADER)
        single = [m for m in markers if len(engine.tokenize(m, mode="markup")) == 1]
        found["dialect"] = detect_dialect(template, tokens=single)
    name = metadata.get("general.name", "").lower().replace("-", " ")
    if "hermes 4" in name:
        found["style"] = "hermes-4"
    return found
