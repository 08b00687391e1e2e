"""A schema has one grammar text: the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
from hermes_gguf.grammar.compile import compile_schema
names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
print(compile_schema({
    "properties": {name: {"$ref": f"#/definitions/{name}"} for name in names},
    "required": names,
    "definitions": {name: {"type": "string", "maxLength": 64} for name in names},
}, closed=True).gbnf)
"""


def test_the_text_does_not_depend_on_how_a_process_hashes_texts() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(texts) == 1
    assert "alpha ::=" in texts.pop()
