"""Finds reference data that lies beside the checkout, and skips without it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shared_path(name: str) -> Path:
    """The path of `../shared/<name>`; skips the calling test when it is absent."""
    path = ROOT.parent / "shared" / name
    if not path.exists():
        pytest.skip(f"reference data shared/{name} is not beside this checkout")
    return path
