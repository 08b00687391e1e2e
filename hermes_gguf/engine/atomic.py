"""Files that appear whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, parts: list[bytes]) -> None:
    """Write `parts` to `path`, whose folder exists.

    Raises:
        OSError: the disk refuses; nothing is left behind.
    """
    with tempfile.NamedTemporaryFile(
        dir=path.parent, suffix=".tmp", delete=False
    ) as file:
        try:
            for part in parts:
                file.write(part)
            file.flush()
        except OSError:
            file.close()
            Path(file.name).unlink(missing_ok=True)
            raise
    os.replace(file.name, path)
