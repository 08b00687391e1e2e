"""The names that `import hermes_gguf` promises, and how light it is."""

from __future__ import annotations

import subprocess
import sys

import pytest

import hermes_gguf


@pytest.mark.parametrize("name", hermes_gguf.__all__)
def test_every_promised_name_is_there(name: str) -> None:
    assert getattr(hermes_gguf, name) is not None


def test_the_list_is_complete_and_sorted() -> None:
    promised = [name for name in hermes_gguf.__all__ if name != "__version__"]
    assert sorted(promised) == sorted(hermes_gguf._HOME_OF)
    assert len(set(promised)) == len(promised)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nope"):
        _ = hermes_gguf.nope


def test_the_tree_of_errors_is_there_without_an_import_of_its_own() -> None:
    code = "import hermes_gguf; print(hermes_gguf.errors.OptionError.__name__)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert out.stdout.decode().strip() == "OptionError"


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, hermes_gguf, hermes_gguf.errors, hermes_gguf.messages;"
        "heavy = {'llama_cpp', 'huggingface_hub', 'jsonschema', 'fastapi', 'pydantic',"
        " 'numpy', 'rich'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert out.stdout.decode().strip() == "[]"
