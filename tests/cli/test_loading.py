"""What is shown while a model loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from hermes_gguf.chat.plan import LoadPlan
from hermes_gguf.cli.loading import loading_line


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"m.gguf": 8_000_000}, "loading m.gguf (8.0 MB)"),
        (
            {"m-00001-of-00002.gguf": 1_000, "m-00002-of-00002.gguf": 2_500_000},
            "loading m-00001-of-00002.gguf (2.5 MB)",
        ),
        ({"m-00001-of-00002.gguf": 1_000}, "loading m-00001-of-00002.gguf (1.0 kB)"),
        ({}, "loading m.gguf (0 B)"),
    ],
)
def test_the_line_says_how_much_the_disk_has_to_read(
    tmp_path: Path, files: dict[str, int], said: str
) -> None:
    for name, n_bytes in files.items():
        (tmp_path / name).write_bytes(bytes(n_bytes))
    first = next(iter(files), "m.gguf")
    assert loading_line(LoadPlan(path=tmp_path / first)) == said
