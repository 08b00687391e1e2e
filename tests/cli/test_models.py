"""models, pull, rm, path and config as processes, against a Hub on this machine."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command

from hermes_gguf.cli.commands import COMMANDS
from tests.support.hub_server import Fault, HubServer, fake_gguf
from tests.support.random_gguf import write_random_gguf

from .conftest import Run
from .pty_terminal import Terminal

REPO = "NousResearch/Hermes-3-Llama-3.2-3B-GGUF"
FILE = "Hermes-3-Llama-3.2-3B.Q4_K_M.gguf"
DATA = fake_gguf(3_000_000)


@pytest.fixture
def hub(home: dict[str, str]) -> Iterator[HubServer]:
    config = Path(home["HERMES_GGUF_CONFIG_DIR"])
    config.mkdir(parents=True)
    sha256 = hashlib.sha256(DATA).hexdigest()
    # The real model's hash belongs to the real file.
    (config / "models.toml").write_text(
        '[models."hermes-3-llama-3.2-3b".files]\n'
        f'Q4_K_M = {{ sha256 = "{sha256}", size_bytes = {len(DATA)} }}\n'
    )
    with HubServer({REPO: {FILE: DATA}}) as server:
        home["HF_ENDPOINT"] = server.endpoint
        yield server


def test_models_lists_the_catalogue(hermes: Run) -> None:
    done = hermes("models")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split()[:2] == ["NAME", "SIZE"]
    assert len(lines) == 17
    assert "Nothing is downloaded yet" in done.stderr
    rows = json.loads(hermes("models", "--json").stdout)
    eight = next(row for row in rows if row["name"] == "hermes-3-llama-3.1-8b")
    assert eight["size_bytes"] == 4_920_733_824
    assert 6.2e9 < eight["ram_bytes_at_8k"] < 6.5e9
    assert eight["downloaded"] == []


def put_into_the_hubs_cache(home: dict[str, str], name: str, data: bytes) -> None:
    """A downloaded file of nobody's catalogue; `name` is owner/repo/file."""
    repo, _, file = name.rpartition("/")
    folder = Path(home["HF_HOME"]) / "hub" / f"models--{repo.replace('/', '--')}"
    path = folder / "snapshots" / ("b" * 40) / file
    path.parent.mkdir(parents=True)
    path.write_bytes(data)


def test_what_the_catalogue_does_not_know_needs_what_its_own_shape_says(
    hermes: Run, home: dict[str, str], tmp_path: Path
) -> None:
    small = write_random_gguf(tmp_path / "small.gguf", n_ctx_train=1024)
    large = write_random_gguf(tmp_path / "large.gguf", n_ctx_train=8192, n_layers=66)
    files = {
        "small": small.read_bytes(),
        "large": large.read_bytes(),
        "page": b"<html>a page to log in</html>",
        "cut": small.read_bytes()[:100],
    }
    for name, data in files.items():
        put_into_the_hubs_cache(home, f"me/{name}/{name}.gguf", data)
    listed = json.loads(hermes("models", "--json").stdout)
    rows = {row["name"].removesuffix(".gguf"): row for row in listed}
    needed = {name: rows[f"me/{name}/{name}"]["ram_bytes_at_8k"] for name in files}
    # Two layers, 1,024 tokens; 66 layers, 8,192 tokens; 32 elements of two bytes.
    assert needed["small"] - 2 * 2 * 32 * 2 * 1024 < 200e6
    cache = 66 * 2 * 32 * 2 * 8192
    weights = len(files["large"]) - len(files["small"])
    assert needed["large"] - needed["small"] == pytest.approx(
        cache + weights - 2 * 2 * 32 * 2 * 1024, rel=0.15
    )
    assert (needed["page"], needed["cut"]) == (None, None)
    assert rows["me/page/page"]["fits"] is None
    assert rows["tiny"]["ram_bytes_at_8k"] < 300e6


def test_models_says_how_much_memory_there_is_and_how_much_is_free(hermes: Run) -> None:
    said = hermes("models").stderr
    figures = re.search(r"This machine has (.+) GB of memory, (.+) of it free", said)
    assert figures
    total, free = figures.groups()
    assert float(total) > 0
    assert free.split()[1] in ("GB", "MB")


def test_on_80_columns_the_table_is_whole_and_no_line_is_broken(
    home: dict[str, str], tmp_path: Path
) -> None:
    name = "Somebody/A-Very-Long-Name-Of-A-Hermes-GGUF/A-Long-File-Name.Q4_K_M.gguf"
    put_into_the_hubs_cache(home, name, fake_gguf(1000))
    keys, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 80))
    done = subprocess.run(
        [sys.executable, "-m", "hermes_gguf", "models"],
        env={k: v for k, v in home.items() if k != "COLUMNS"},
        stdout=theirs,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(theirs)
    lines = os.read(keys, 1 << 16).decode().splitlines()
    os.close(keys)
    assert done.returncode == 0
    assert name in lines
    assert max(map(len, lines)) <= 80
    assert "apache-2.0 (card); base: Llama 3 Community" in " ".join(
        "\n".join(lines).split()
    )
    assert "hermes-2-pro-llama-3-8b  " in "\n".join(lines)


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("models",)])
def test_the_light_roads_import_nothing_heavy(
    home: dict[str, str], args: tuple[str, ...]
) -> None:
    code = (
        "import sys\nfrom hermes_gguf.cli.app import main\n"
        f"try: main({list(args)!r})\nexcept SystemExit: pass\n"
        "heavy = {'llama_cpp', 'numpy', 'fastapi', 'uvicorn', 'pydantic', 'httpx2',"
        " 'httpx', 'huggingface_hub.file_download', 'jsonschema', 'prompt_toolkit'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=home, capture_output=True, text=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_pull_path_models_rm(hermes: Run, hub: HubServer) -> None:
    pulled = hermes("pull", "hermes-3-3b")
    assert pulled.returncode == 0, pulled.stderr
    path = Path(pulled.stdout.strip())
    assert path.read_bytes() == DATA
    assert "sha256 verified" in pulled.stderr
    assert "3.0 MB of 3.0 MB" in pulled.stderr
    hub.stop()
    assert hermes("path", "hermes-3-3b").stdout.strip() == str(path)
    listed = hermes("models", "-d")
    assert "Q4_K_M" in listed.stdout
    assert "Without --model: hermes-3-llama-3.2-3b:Q4_K_M" in listed.stderr
    refused = hermes("rm", "hermes-3-3b")
    assert (refused.returncode, path.exists()) == (2, True)
    assert "--yes" in refused.stderr
    removed = hermes("rm", "hermes-3-3b", "--yes")
    assert "3.0 MB freed" in removed.stderr
    assert not path.exists()
    again = hermes("rm", "hermes-3-3b")
    assert "Next:  hermes-gguf models -d" in again.stderr
    assert "is not on this machine" in again.stderr


def start_pull(home: dict[str, str], *, stderr: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "hermes_gguf", "pull", "hermes-3-3b"],
        env=home,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        text=True,
    )


def test_a_killed_pull_goes_on_in_the_next_process(
    hermes: Run, hub: HubServer, home: dict[str, str], tmp_path: Path
) -> None:
    hub.body_pause_s = 0.3
    process = start_pull(home, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if any(p.stat().st_size >= 500_000 for p in tmp_path.rglob("*.part")):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    hub.body_pause_s = 0.0
    done = hermes("pull", "hermes-3-3b")
    assert Path(done.stdout.strip()).read_bytes() == DATA
    assert f"Resuming {FILE}" in done.stderr
    assert str(hub.ranges()[-1]).startswith("bytes=")


def test_ctrl_c_leaves_with_130_and_says_how_to_go_on(
    hub: HubServer, home: dict[str, str], tmp_path: Path
) -> None:
    hub.body_pause_s = 0.3
    process = start_pull(home, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not list(tmp_path.rglob("*.part")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "hermes-gguf pull hermes-3-3b goes on where it stopped" in stderr


def test_errors_end_with_the_next_step_and_no_traceback(
    hermes: Run, hub: HubServer
) -> None:
    hub.faults.append(Fault("status", "head", -1, status=403, error_code="GatedRepo"))
    done = hermes("pull", "hermes-3-3b")
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"https://huggingface.co/{REPO}" in done.stderr
    assert "hf auth login" in done.stderr
    assert "Traceback" not in done.stderr
    debug = hermes("pull", "hermes-3-3b", "--debug")
    assert "Traceback" in debug.stderr


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("pull", "hermes-3-8bb"), 2, "Did you mean"),
        (("path", "hermes-3-8b"), 1, "Next:  hermes-gguf pull hermes-3-8b"),
        (("rm", "hermes-3-8b", "--yes"), 1, "not on this machine"),
        (("pull",), 2, "Missing argument"),
        (("models", "--nope"), 2, "No such option"),
        (("nope",), 2, "No such command"),
        (("pull", "hermes-3-8b"), 1, "cannot be reached"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    hermes: Run, args: tuple[str, ...], code: int, says: str
) -> None:
    done = hermes(*args)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_offline_mode_is_respected(hermes: Run) -> None:
    done = hermes("pull", "hermes-3-8b", env={"HF_HUB_OFFLINE": "1"})
    assert done.returncode == 1
    assert "HF_HUB_OFFLINE forbids" in done.stderr


def test_a_full_disk_leaves_the_settings_as_they_are(
    hermes: Run, home: dict[str, str]
) -> None:
    hermes("config", "model", "tiny")
    limit = (resource.RLIMIT_FSIZE, (8, 8))
    done = hermes(
        "config", "threads", "3", preexec_fn=lambda: resource.setrlimit(*limit)
    )
    path = Path(home["HERMES_GGUF_CONFIG_DIR"]) / "settings.toml"
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: {path}: File too large\n"
        "Next:  free some room on that disk, then run it again\n"
    )
    assert path.read_text() == 'model = "tiny"\n'


def test_settings_come_from_flag_environment_file_default(hermes: Run) -> None:
    assert hermes("config", "threads").stdout == "0\n"
    hermes("config", "threads", "3")
    assert hermes("config", "threads").stdout == "3\n"
    env = {"HERMES_GGUF_THREADS": "5"}
    assert hermes("config", "threads", env=env).stdout == "5\n"
    assert "HERMES_GGUF_THREADS" in hermes("config", env=env).stdout
    assert hermes("config", "gpu_layers", "-1").returncode == 0
    hermes("config", "threads", "--unset")
    assert hermes("config", "threads").stdout == "0\n"


def test_the_settings_file_keeps_its_comments(
    hermes: Run, home: dict[str, str]
) -> None:
    file = Path(home["HERMES_GGUF_CONFIG_DIR"]) / "settings.toml"
    file.parent.mkdir()
    file.write_text("# mine\u2028too\nctx = 4096\n")
    assert hermes("config", "model", "hermes-2-pro").returncode == 0
    assert file.read_text() == '# mine\u2028too\nctx = 4096\nmodel = "hermes-2-pro"\n'
    assert "Without --model: hermes-2-pro" in hermes("models").stderr


@pytest.mark.parametrize(
    ("found", "args", "left"),
    [
        ("of_tomorrow = 3\nctx = 1\n", ("of_tomorrow", "--unset"), "ctx = 1\n"),
        ('ctx = "x"\nthreads = 1\n', ("ctx", "2048"), "threads = 1\nctx = 2048\n"),
        ("threads = 1\nctx = ", ("ctx", "--unset"), "threads = 1\n"),
    ],
)
def test_one_wrong_setting_is_mended_by_setting_or_unsetting_it(
    hermes: Run, home: dict[str, str], found: str, args: tuple[str, ...], left: str
) -> None:
    file = Path(home["HERMES_GGUF_CONFIG_DIR"]) / "settings.toml"
    file.parent.mkdir()
    file.write_text(found)
    refused = hermes("config")
    assert refused.returncode == 2
    assert f"hermes-gguf config {args[0]} --unset" in refused.stderr or (
        f"Next:  edit {file}" in refused.stderr
    )
    assert hermes("config", "kv_type", "q8_0").returncode == 2
    assert file.read_text() == found
    assert hermes("config", *args).returncode == 0
    assert file.read_text() == left


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("config", "threads", "many"), "no whole number"),
        (("config", "threads", "-2"), "0 or more"),
        (("config", "threads", "1000000"), "512 or less"),
        (("config", "colour", "red"), "unknown"),
        (("config", "colour"), "unknown"),
        (("config", "model", "hermes-9"), "No model named"),
        (("config", "kv_type", "q2"), "none of"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(
    hermes: Run, args: tuple[str, ...], says: str
) -> None:
    done = hermes(*args)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_reader_that_leaves_early_is_no_bug(home: dict[str, str]) -> None:
    command = f"{sys.executable} -m hermes_gguf models --json | head -c 1"
    done = subprocess.run(
        command, shell=True, env=home, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "["
    assert "Error" not in done.stderr


def test_a_folder_that_cannot_be_written_is_said(
    hermes: Run, home: dict[str, str]
) -> None:
    Path(home["HERMES_GGUF_CONFIG_DIR"]).write_text("a file, not a folder")
    done = hermes("config", "threads", "3")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert home["HERMES_GGUF_CONFIG_DIR"] in done.stderr


def test_help_lists_the_commands_that_are_there(hermes: Run) -> None:
    text = hermes("--help").stdout
    for name in ("models", "pull", "rm", "path", "config"):
        assert f" {name} " in text
    assert "--install-completion" not in hermes("pull", "--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_no_line_of_a_help_text_is_broken_on_80_columns(name: str) -> None:
    entry = COMMANDS[name]
    found = get_command(getattr(import_module(entry.module), entry.attribute))
    for command in [found, *getattr(found, "commands", {}).values()]:
        lines = inspect.cleandoc(command.help or "").splitlines()
        assert [line for line in lines if len(line) > 78] == []


def test_the_embedded_model_is_neither_downloaded_nor_deleted(hermes: Run) -> None:
    pulled = hermes("pull", "tiny")
    assert pulled.returncode == 0
    assert "part of hermes-gguf" in pulled.stderr
    for options in ([], ["--yes"]):
        done = hermes("rm", "tiny", *options)
        assert done.returncode == 2
        assert "part of hermes-gguf" in done.stderr
    assert Path(pulled.stdout.strip()).is_file()


@pytest.mark.parametrize(
    "args",
    [
        ["chat", "--ctx", "-3"],
        ["run", "--threads", "-1"],
        ["serve", "--gpu-layers", "-2"],
        ["eval", "--cases", "501"],
    ],
)
def test_a_number_out_of_range_is_named_as_it_was_typed(
    hermes: Run, args: list[str]
) -> None:
    done = hermes(*args)
    assert done.returncode == 2
    assert f"'{args[1]}'" in done.stderr.replace("'-n' / ", "").replace("'-t' / ", "")


def test_a_broken_models_toml_is_named(hermes: Run, home: dict[str, str]) -> None:
    file = Path(home["HERMES_GGUF_CONFIG_DIR"]) / "models.toml"
    file.parent.mkdir()
    file.write_text("[models.x]\nrepo = 3\n")
    done = hermes("models")
    assert done.returncode == 2
    assert f"{file}: models.x.repo" in done.stderr
    assert os.fspath(file) in done.stderr


SHOW_BAR = """
from hermes_gguf.cli.pull import _bar
from hermes_gguf.hub import TransferProgress

name = "Hermes-2-Pro-Llama-3-8B-Q4_K_M.gguf"
with _bar() as show:
    for done in (0, 1_600_000_000):
        show(
            TransferProgress(
                phase="download",
                filename=name,
                done_bytes=done,
                total_bytes=4_900_000_000,
            )
        )
"""


@pytest.mark.parametrize(("columns", "name"), [(40, "Hermes-"), (80, "Q4_K_M.gguf ")])
def test_no_window_cuts_the_figures_of_a_download(
    home: dict[str, str], columns: int, name: str
) -> None:
    env = {key: value for key, value in home.items() if key != "COLUMNS"}
    shown = Terminal(env, [sys.executable, "-c", SHOW_BAR], size=(24, columns))
    try:
        assert shown.wait_until_gone() == 0
        assert re.search(name + r".* 1\.6/4\.9 GB .*:--\s", shown.seen)
    finally:
        shown.close()
