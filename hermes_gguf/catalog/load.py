"""Finds and reads models.toml: the shipped one, then the user's on top.

In a wheel the file lies inside the package; in an editable install it lies at the
root of the checkout. Where the user's file is, is decided by the caller.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import CatalogError, CatalogSyntaxError
from ..files import read_text
from .entries import Catalog
from .parse import parse_catalog

_PACKAGE = Path(__file__).resolve().parents[1]


def builtin_catalog_path() -> Path:
    """Where the shipped models.toml lies.

    Raises:
        CatalogError: when the installation is incomplete.
    """
    for path in (_PACKAGE / "models.toml", _PACKAGE.parent / "models.toml"):
        if path.is_file():
            return path
    raise CatalogError(
        f"models.toml is missing from {_PACKAGE}.",
        hint="pip install --force-reinstall hermes-gguf",
    )


def embedded_file(name: str) -> Path:
    """The path of a file in `hermes_gguf/data`."""
    return _PACKAGE / "data" / name


def load_catalog(*, user_path: Path | None = None) -> Catalog:
    """Read the shipped catalogue, and the user's own models.toml where given.

    A user's entry with a known key overrides that entry field by field; any other
    entry is added.

    Args:
        user_path: The user's file; one that does not exist is passed over.

    Raises:
        CatalogSyntaxError: naming the file and the key.
    """
    if user_path is None or not user_path.is_file():
        return _builtin()
    shipped = builtin_catalog_path()
    base, own = _read(shipped), _read(user_path)
    # Parsed alone first, so that a mistake is blamed on the file that has it.
    parse_catalog(base, path=str(shipped))
    return parse_catalog(_merge(base, own), path=str(user_path))


@lru_cache(maxsize=1)
def _builtin() -> Catalog:
    path = builtin_catalog_path()
    return parse_catalog(_read(path), path=str(path))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CatalogSyntaxError(str(path), f"not TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise CatalogSyntaxError(str(path), f"not UTF-8: {error}") from error
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}.") from error


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            value = _merge(old, value)
        merged[key] = value
    return merged
