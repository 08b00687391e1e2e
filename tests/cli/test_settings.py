"""Settings that are written at the same time."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from hermes_gguf.cli import settings


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such locks")
def test_who_writes_at_the_same_time_waits_and_no_setting_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERMES_GGUF_CONFIG_DIR", str(tmp_path))
    write = settings.write_atomically
    other = threading.Thread(target=settings.store_setting, args=("threads", "3"))

    def write_slowly(*args: Any, **options: Any) -> None:
        if threading.current_thread() is not other:
            other.start()
            other.join(0.5)
        write(*args, **options)

    monkeypatch.setattr(settings, "write_atomically", write_slowly)
    settings.store_setting("ctx", "4096")
    other.join()
    stored = settings.read_settings_file(tmp_path / "settings.toml")
    assert stored == {"ctx": 4096, "threads": 3}
