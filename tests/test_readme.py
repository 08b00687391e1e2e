"""Every example of the README prints what the README says."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.shared import ROOT


def test_every_executed_example_of_the_readme_is_true(tmp_path):
    command = [sys.executable, str(ROOT / "scripts" / "readme"), "--check"]
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=280, env=os.environ | home
    )
    assert done.returncode == 0, done.stderr
