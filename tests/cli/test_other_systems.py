"""What a person on Windows or macOS types, pipes and saves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from hermes_gguf.chat.saved import load_messages
from hermes_gguf.cli import terminal
from hermes_gguf.cli.talk_options import read_system
from hermes_gguf.hub.foreign import to_other_place
from tests.support.shared import ROOT

from .conftest import Run

#: What Notepad and PowerShell 5 put before a text to say that it is UTF-8.
BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize("name", [r"C:\models\hermes.Q4_K_M.gguf", "hermes.gguf"])
def test_a_file_may_be_the_default_and_is_found_from_every_folder(
    hermes: Run, tmp_path: Path, name: str
) -> None:
    # Here it is a file of that name: on Windows, one of that path.
    (tmp_path / name).write_bytes(b"GGUF")
    assert hermes("config", "model", name, cwd=tmp_path).returncode == 0
    assert hermes("config", "model").stdout == f"{tmp_path / name}\n"
    assert "No model named" in hermes("config", "model", r"hermes-9").stderr
    assert "no file" in hermes("config", "model", "./gone.gguf").stderr


def test_files_and_pipes_may_begin_with_a_byte_order_mark(
    hermes: Run, home: dict[str, str], tmp_path: Path
) -> None:
    config = Path(home["HERMES_GGUF_CONFIG_DIR"])
    config.mkdir()
    (config / "settings.toml").write_bytes(BOM + b'model = "tiny"\n')
    (config / "models.toml").write_bytes(
        BOM + b'[models.mine]\ntitle = "Mine"\npath = "/x.gguf"\n'
    )
    assert hermes("config", "model").stdout == "tiny\n"
    assert hermes("config", "ctx", "2048").returncode == 0
    assert (config / "settings.toml").read_bytes() == b'model = "tiny"\nctx = 2048\n'
    schema = BOM + json.dumps({"const": "é"}, ensure_ascii=False).encode()
    (tmp_path / "schema.json").write_bytes(schema)
    told = subprocess.run(
        [sys.executable, "-m", "hermes_gguf", "grammar", "-", "--check", "x.json"],
        input=schema,
        cwd=tmp_path,
        env=home,
        capture_output=True,
    )
    assert b"JSON" not in told.stderr, told.stderr
    asked = ("run", "-m", "tiny", "--schema", str(tmp_path / "schema.json"), "Say it.")
    assert json.loads(hermes(*asked).stdout) == "é"


def test_texts_of_a_chat_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "system.txt").write_bytes(BOM + b"Be brief.")
    assert read_system(f"@{tmp_path / 'system.txt'}") == "Be brief."
    (tmp_path / "chat.json").write_bytes(BOM + b'{"messages": []}')
    assert load_messages(tmp_path / "chat.json") == []


def test_a_key_that_was_pressed_too_early_approves_nothing_on_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = list("yes\r")
    keys = SimpleNamespace(kbhit=lambda: waiting, getwch=lambda: waiting.pop(0))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", keys)
    monkeypatch.setattr(terminal, "is_terminal", lambda stream: True)
    monkeypatch.setattr("builtins.input", lambda _: "".join(waiting) or "n")
    assert terminal.read_reply("run it?") == "n"


def test_a_reader_that_left_is_no_error_on_windows() -> None:
    code = (
        "import sys, hermes_gguf.cli.model_table as table\n"
        "from hermes_gguf.cli.app import main\n"
        "def gone(**_):\n"
        "    sys.platform = 'win32'\n"
        "    raise OSError(22, 'Invalid argument')\n"
        "table.print_models = gone\n"
        "main(['models'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")


def test_time_zones_come_along_where_the_system_has_none() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [Requirement(text) for text in project["project"]["dependencies"]]
    for platform, comes in (("win32", True), ("linux", False)):
        environment = {"sys_platform": platform}
        names = {
            each.name
            for each in needed
            if each.marker is None or each.marker.evaluate(environment)
        }
        assert ("tzdata" in names) is comes


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_no_variable_is_named_that_the_system_does_not_read(
    monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert "XDG" not in to_other_place("")
    assert "HF_HUB_CACHE" in to_other_place("acme/model")


def test_every_file_is_opened_with_an_encoding_that_does_not_depend_on_the_machine(
    home: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "system.txt").write_text("Sei höflich.", encoding="utf-8")
    strict = ["-X", "warn_default_encoding", "-W", "always::EncodingWarning"]
    environment = home | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    environment |= {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    for args, said in (
        (("models",), "hermes"),
        (("config", "threads", "1"), ""),
        (("config",), "threads"),
        (("run", "-m", "tiny", "--system", "@system.txt", "Hello"), ""),
        (("cache", "list"), ""),
    ):
        done = subprocess.run(
            [sys.executable, *strict, "-m", "hermes_gguf", *args],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        stderr = os.fsdecode(done.stderr)
        assert done.returncode == 0, stderr
        # Other libraries may do as they like.
        assert not re.findall(r"hermes_gguf/.*EncodingWarning.*", stderr)
        assert said in done.stdout.decode("utf-8")
