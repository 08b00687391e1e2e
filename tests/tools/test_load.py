"""Files and modules of tools, good and bad."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hermes_gguf.errors import ToolDefinitionError
from hermes_gguf.tools import load_tools

GOOD = '''
"""Tools."""
from __future__ import annotations
import dataclasses
from json import dumps
from hermes_gguf.tools import tool

@dataclasses.dataclass
class Point:
    x: int

def show(point: Point) -> int:
    """Show.

    Args:
        point: Where
    """
    return point.x

@tool(requires_approval=True)
def wipe() -> None:
    """Wipe."""

def _private(x): ...
'''


def write(folder: Path, text: str) -> Path:
    path = folder / "my_tools.py"
    path.write_text(text, "utf-8")
    return path


def test_every_public_function_of_a_file_and_nothing_imported(tmp_path: Path) -> None:
    show, wipe = load_tools(write(tmp_path, GOOD))
    assert (show.name, wipe.name) == ("show", "wipe")
    assert wipe.requires_approval
    assert show.call({"point": {"x": 3}}) == 3


def test_a_list_of_tools_decides(tmp_path: Path) -> None:
    path = write(tmp_path, f"{GOOD}\nTOOLS = [wipe]")
    assert [tool.name for tool in load_tools(path)] == ["wipe"]


def test_one_tool_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert [tool.name for tool in load_tools(f"{path}:show")] == ["show"]
    assert load_tools("hermes_gguf.tools.builtin:calculate")[0].name == "calculate"


def test_the_builtin_tools_have_a_short_name() -> None:
    names = [tool.name for tool in load_tools("builtin")]
    assert names == ["calculate", "get_current_time"]


def test_a_file_may_import_its_neighbour_even_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "neighbour_of_tools.py").write_text("WORD = 'hi'", "utf-8")
    body = "    import neighbour_of_tools\n    return neighbour_of_tools.WORD\n"
    path = write(tmp_path, f'def greet() -> str:\n    """Greet."""\n{body}')
    assert load_tools(path)[0].call({}) == "hi"


UNDESCRIBED = 'def f(x: int) -> int:\n    """Do it."""\n    return x\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = (", r"line 1: SyntaxError"),
        ("\n\nraise OSError('no')", r"line 3: OSError: no"),
        ("import no_such_thing_here", r"line 1: ModuleNotFoundError"),
        ("raise SystemExit(3)", r"line 1: SystemExit"),
        ("x = 1", "defines no tool"),
        (f"\n{UNDESCRIBED}", r"parameter 'x': .*my_tools\.py:2"),
        ("TOOLS = [3]", "no named function"),
    ],
)
def test_bad_files_are_named_with_the_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ToolDefinitionError, match=problem):
        load_tools(write(tmp_path, text))


@pytest.mark.parametrize(
    "source", ["no/such/file.py", "no_such_file.py", "no_such_module", ".", "", ".x"]
)
def test_a_source_that_is_not_there(source: str) -> None:
    with pytest.raises(ToolDefinitionError, match="there is no such") as caught:
        load_tools(source)
    assert "--tools" in (caught.value.hint or "")


def test_a_name_that_is_not_there_lists_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ToolDefinitionError) as caught:
        load_tools(f"{write(tmp_path, GOOD)}:shwo")
    assert "show" in (caught.value.hint or "")


def test_tools_are_loaded_without_pydantic_or_a_model_library() -> None:
    code = "import sys, hermes_gguf.tools, hermes_gguf.prompt; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"pydantic", "numpy", "llama_cpp", "jsonschema"} & set(
        done.stdout.split()
    )
