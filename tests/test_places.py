"""Each user has a place for each kind of thing, or is told what to set."""

from __future__ import annotations

import os

import platformdirs
import pytest
from platformdirs import PlatformDirs

from hermes_gguf import places


@pytest.mark.skipif(os.name == "nt", reason="finds its folders without HOME")
def test_a_user_without_a_home_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    import pwd

    def nobody(_: int) -> None:
        raise KeyError("getpwuid(): uid not found")

    # Other tests have a cache folder of their own for as long as all run.
    monkeypatch.setattr(
        platformdirs,
        "user_cache_path",
        lambda name, **options: PlatformDirs(name, **options).user_cache_path,
    )
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.delenv(f"XDG_{kind}_HOME", raising=False)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for find in (places.cache_folder, places.state_folder, places.config_folder):
        with pytest.raises(FileNotFoundError, match="set HOME"):
            find()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in places.cache_folder().parents
