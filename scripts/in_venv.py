"""Imported first by a script: go on in the checkout's own environment, if there is one.

`scripts/setup` makes `.venv`; a script that is called by its name shall find what lies
there. Whoever runs it from an environment of their own stays in that one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / ".venv"
_PYTHON = _FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

if sys.prefix == sys.base_prefix and _PYTHON.exists():
    os.execv(_PYTHON, [str(_PYTHON), *sys.argv])
