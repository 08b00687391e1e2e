"""The folders that are written to: whether they can be, and what their disks hold."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..engine.load import open_prefix_store
from ..hub import Folders
from ..hub.foreign import FREE_SOME
from ..hub.room import existing_folder
from ..machine import render_bytes
from ..places import (
    CACHE_VARIABLE,
    CONFIG_VARIABLE,
    HUB_VARIABLE,
    STATE_VARIABLE,
    cache_folder,
    other_place,
    state_folder,
)
from .finding import Finding

#: The usual quantization of a model of eight billion parameters.
_MODEL_BYTES = 5_000_000_000


def look_at_folders(config_folder: Path) -> Iterator[Finding]:
    """The folders, in the order in which losing them hurts."""
    folders = Folders.of_user()
    yield _look_at("model folder", folders.hub, HUB_VARIABLE, needs=_MODEL_BYTES)
    yield _look_at("cache", cache_folder(), CACHE_VARIABLE)
    yield _look_at("chats", state_folder(), STATE_VARIABLE)
    yield _look_at("settings", config_folder, CONFIG_VARIABLE)
    entries = open_prefix_store().entries()
    if entries:
        size = render_bytes(sum(entry.size_bytes for entry in entries))
        count = "1 is" if len(entries) == 1 else f"{len(entries)} are"
        yield Finding("kept prompts", "ok", f"{count} on the disk, {size}")


def _look_at(subject: str, folder: Path, variable: str, *, needs: int = 0) -> Finding:
    place = existing_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as error:
        text = f"{folder} cannot be written: {error.strerror or error}"
        ways = ("let this user write there", other_place(variable))
        return Finding(subject, "wrong", text, ", or ".join(filter(None, ways)))
    text = f"{folder}, {render_bytes(free)} free"
    if free < needs:
        size = render_bytes(needs)
        text += f": a model of 8B takes about {size}"
        return Finding(
            subject, "note", text, f"{FREE_SOME}, or {other_place(variable)}"
        )
    return Finding(subject, "ok", text)
