"""Names → verified files on this machine.

`resolve_model` looks and never downloads; `pull_model` downloads, resumes and
verifies. The Hub's client is imported only when something is transferred. Nothing
here knows llama.cpp or the terminal.
"""

from .cache import Folders
from .local import (
    downloaded_at_s,
    is_hermes,
    list_local,
    newest_hermes,
    used_at_s,
)
from .progress import OnProgress, TransferProgress, ignore_progress
from .pull import pull_model
from .remove import Removed, check_removable, partial_bytes, remove_model
from .resolve import LocalModel, resolve_model

__all__ = [
    "Folders",
    "LocalModel",
    "OnProgress",
    "Removed",
    "TransferProgress",
    "check_removable",
    "downloaded_at_s",
    "ignore_progress",
    "is_hermes",
    "list_local",
    "newest_hermes",
    "partial_bytes",
    "pull_model",
    "remove_model",
    "resolve_model",
    "used_at_s",
]
