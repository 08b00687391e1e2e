"""Files that a command writes where it was told to; `-` is stdout, as everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import OptionError
from ..files import write_atomically
from .terminal import tell


def is_stdout(path: Path | None) -> bool:
    """Whether a file's name stands for stdout, which then holds nothing else."""
    return path is not None and str(path) == "-"


def require_folder(option: str, path: Path | None) -> None:
    """Fail before the work whose outcome could not be written.

    Raises:
        OptionError: the file's folder does not exist.
    """
    if path is not None and not path.resolve().parent.is_dir():
        raise OptionError(option, f"there is no folder {path.parent}")


def write_output(path: Path, text: str) -> None:
    """Write the whole file, or print it.

    Raises:
        OSError: the disk refuses.
    """
    if is_stdout(path):
        tell(text, end="")
    else:
        write_atomically(path, [text.encode()], private=False)


def write_figures(path: Path | None, figures: dict[str, Any]) -> None:
    """Write them as JSON, if there is a file for them.

    Raises:
        OSError: the disk refuses.
    """
    if path is not None:
        write_output(path, json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
