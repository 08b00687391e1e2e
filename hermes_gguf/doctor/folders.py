"""The folders that are written to: whether they can be, and what their disks hold."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..engine.load import open_prefix_store
from ..hub import Folders
from ..hub.room import existing_folder
from ..machine import render_bytes
from ..places import cache_folder, state_folder
from .finding import Finding

#: The usual quantization of a model of eight billion parameters.
_MODEL_BYTES = 5_000_000_000


def look_at_folders(config_folder: Path) -> Iterator[Finding]:
    """The folders, in the order in which losing them hurts."""
    folders = Folders.of_user()
    yield _look_at(
        "model folder", folders.hub, "HF_HUB_CACHE=FOLDER", needs=_MODEL_BYTES
    )
    yield _look_at("cache", cache_folder(), _on_linux("XDG_CACHE_HOME=FOLDER"))
    yield _look_at("chats", state_folder(), _on_linux("XDG_STATE_HOME=FOLDER"))
    yield _look_at("settings", config_folder, "HERMES_GGUF_CONFIG_DIR=FOLDER")
    entries = open_prefix_store().entries()
    if entries:
        size = render_bytes(sum(entry.size_bytes for entry in entries))
        count = "1 is" if len(entries) == 1 else f"{len(entries)} are"
        yield Finding("kept prompts", "ok", f"{count} on the disk, {size}")


def _on_linux(variable: str) -> str:
    """The variable that moves a folder, where the system has one."""
    return variable if sys.platform == "linux" else ""


def _look_at(subject: str, folder: Path, other: str, *, needs: int = 0) -> Finding:
    place = existing_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as error:
        text = f"{folder} cannot be written: {error.strerror or error}"
        return Finding(subject, "wrong", text, f"let this user write there{_or(other)}")
    text = f"{folder}, {render_bytes(free)} free"
    if free < needs:
        size = render_bytes(needs)
        hint = f"hermes-gguf rm NAME frees some, and {other} names another place"
        return Finding(
            subject, "note", f"{text}: a model of 8B takes about {size}", hint
        )
    return Finding(subject, "ok", text)


def _or(other: str) -> str:
    return f", or name another place: {other}" if other else ""
