"""The spellings of one document that count as the same: 1.0 may be written as 1."""

from __future__ import annotations

import json
from typing import Any


def spellings(document: Any) -> list[str]:
    """The JSON texts for one document, as it stands first."""
    texts = (
        json.dumps(v, ensure_ascii=False) for v in (document, _shortened(document))
    )
    return list(dict.fromkeys(texts))


def _shortened(value: Any) -> Any:
    """Floats without a fraction as integers."""
    if isinstance(value, dict):
        return {k: _shortened(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_shortened(v) for v in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
