"""The tools that come with the package: right answers, and no way out."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from hermes_gguf.tools import PythonTool, builtin_tools
from hermes_gguf.tools.calculator import evaluate


def builtin(name: str, root: Path | None = None) -> PythonTool:
    return {tool.name: tool for tool in builtin_tools(root=root)}[name]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 * (3 + 4) ** 2", 98),
        ("2^10", 1024),
        ("-7 // 2", -4),
        ("7 % 4 + 0.5", 3.5),
        ("sqrt(2) ** 2", pytest.approx(2)),
        ("max(1, 2, pi)", pytest.approx(3.14159, abs=1e-5)),
        ("round(2.567, 2)", 2.57),
        ("2 ** -1", 0.5),
    ],
)
def test_the_calculator_calculates(expression: str, value: float) -> None:
    assert builtin("calculate").call({"expression": expression}) == value


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')", "().__class__", "open('x')", "[1, 2]", "x", "1 +", "",
        "1 if 1 else 2", "True", "'a' * 3", "sqrt(x=2)", "lambda: 1", "1/0",
        "9**9**9", "(-8) ** 0.5", "max()", "1" * 501, "(" * 240 + "1" + ")" * 240,
        "*".join(["9**999"] * 50), "1e300 ** 2",
    ],
)  # fmt: skip
def test_the_calculator_refuses_everything_else(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        evaluate(expression)


def test_the_clock_tells_the_time_of_a_zone() -> None:
    told = datetime.datetime.fromisoformat(
        builtin("get_current_time").call({"timezone": "UTC"})
    )
    now = datetime.datetime.now(datetime.UTC)
    assert abs((now - told).total_seconds()) < 5
    local = datetime.datetime.fromisoformat(builtin("get_current_time").call({}))
    assert local.tzinfo is not None


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "/etc/passwd"])
def test_an_unknown_time_zone_is_named(zone: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        builtin("get_current_time").call({"timezone": zone})


def test_a_file_under_the_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello", "utf-8")
    assert builtin("read_file", tmp_path).call({"path": "a.txt"}) == "hello"


def test_no_path_and_no_link_leads_out_of_the_directory(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    for path in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt"):
        with pytest.raises(PermissionError):
            builtin("read_file", root).call({"path": path})


def test_missing_binary_and_huge_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge").write_bytes(b"x" * 300_000)
    read = builtin("read_file", tmp_path)
    with pytest.raises(FileNotFoundError):
        read.call({"path": "none"})
    for name in ("binary", "huge"):
        with pytest.raises(ValueError, match=name):
            read.call({"path": name})


def test_without_a_directory_no_file_can_be_read() -> None:
    assert "read_file" not in {tool.name for tool in builtin_tools()}
