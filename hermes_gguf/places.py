"""Where this program keeps its own things; each system has its place for each kind.

One spelling of the name for all kinds: on Windows they would lie apart otherwise.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs

_APP = "hermes-gguf"


def cache_folder() -> Path:
    """What can be had again: models from URLs, kept prompts, what the machine can."""
    return platformdirs.user_cache_path(_APP, appauthor=False)


def state_folder() -> Path:
    """What was typed."""
    return platformdirs.user_state_path(_APP, appauthor=False)


def config_folder() -> Path:
    """Settings and the user's own models.toml."""
    return platformdirs.user_config_path(_APP, appauthor=False)
