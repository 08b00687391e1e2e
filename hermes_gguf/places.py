"""Where this program keeps its own things; each system has its place for each kind.

One spelling of the name for all kinds: on Windows they would lie apart otherwise.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs

_APP = "hermes-gguf"
#: The variables that move the folders: the Hub's cache, and the three below. HF_HOME
#: moves the first only where this one is not set, and the user's login with it.
HUB_VARIABLE = "HF_HUB_CACHE"
CACHE_VARIABLE = "XDG_CACHE_HOME"
STATE_VARIABLE = "XDG_STATE_HOME"
CONFIG_VARIABLE = "HERMES_GGUF_CONFIG_DIR"


def cache_folder() -> Path:
    """What can be had again: models from URLs, kept prompts, what the machine can."""
    return _place(platformdirs.user_cache_path)


def state_folder() -> Path:
    """What was typed."""
    return _place(platformdirs.user_state_path)


def config_folder() -> Path:
    """Settings and the user's own models.toml."""
    return _place(platformdirs.user_config_path)


def other_place(variable: str) -> str:
    """What to do to have a folder elsewhere; empty where no variable moves it."""
    if variable.startswith("XDG_") and sys.platform in ("win32", "darwin"):
        return ""
    return f"set {variable} to a folder of yours on another disk"


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
