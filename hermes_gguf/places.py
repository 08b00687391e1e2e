"""Where this program keeps its own things; each system has its place for each kind.

One spelling of the name for all kinds: on Windows they would lie apart otherwise.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import platformdirs

_APP = "hermes-gguf"


def cache_folder() -> Path:
    """What can be had again: models from URLs, kept prompts, what the machine can."""
    return _place(platformdirs.user_cache_path)


def state_folder() -> Path:
    """What was typed."""
    return _place(platformdirs.user_state_path)


def config_folder() -> Path:
    """Settings and the user's own models.toml."""
    return _place(platformdirs.user_config_path)


def _place(find: Callable[..., Path]) -> Path:
    """One of this user's folders.

    Raises:
        FileNotFoundError: the user has no home, as in containers and services.
    """
    try:
        return find(_APP, appauthor=False)
    except RuntimeError as error:
        problem = "this user has no home folder; set HOME to one"
        raise FileNotFoundError(errno.ENOENT, problem) from error
