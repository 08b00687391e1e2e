"""`hermes-gguf doctor`: every machine here is a real one, or broken on purpose."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hermes_gguf.catalog import load_catalog
from hermes_gguf.doctor import Finding
from hermes_gguf.doctor.machine import largest_that_fits
from hermes_gguf.doctor.network import look_at_hub
from hermes_gguf.doctor.processor import unused_features, used_features
from hermes_gguf.hub.foreign import to_other_place
from tests.cli.conftest import hermes, home  # noqa: F401 - fixtures
from tests.support.hub_server import HubServer
from tests.support.random_gguf import write_random_gguf

OLD_BUILD = (
    "CPU : SSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 | LLAMAFILE = 1 | "
)
NEW_BUILD = OLD_BUILD + "AVX512 = 1 | AVX512_VNNI = 1 | AMX_INT8 = 1 | "
ARM_BUILD = "CPU : NEON = 1 | ARM_FMA = 1 | "
PLAIN = "CPU : SSE3 = 0 | AVX = 0 | "


def examine(hermes, *args: str, env: dict[str, str] | None = None, code: int = 0):  # noqa: F811
    """The findings by subject; a subject that comes twice counts with its worst."""
    done = hermes("doctor", "--offline", "--json", *args, env=env)
    assert done.returncode == code, done.stderr + done.stdout
    said = json.loads(done.stdout)
    ranks = ["ok", "note", "wrong"]
    said["findings"].sort(key=lambda finding: ranks.index(finding["verdict"]))
    return {each["subject"]: Finding(**each) for each in said["findings"]}


def test_a_healthy_machine_has_nothing_wrong(hermes):  # noqa: F811
    found = examine(hermes)
    assert {finding.verdict for finding in found.values()} <= {"ok", "note"}
    assert "tokens/s with the embedded model" in found["llama.cpp"].text
    assert {"processor", "memory", "model folder", "cache", "chats", "settings"} <= (
        found.keys()
    )
    assert "tiny" in found["models"].text


def test_a_person_reads_a_table_with_what_to_type(hermes):  # noqa: F811
    done = hermes("doctor", "--offline")
    assert done.returncode == 0
    assert done.stdout.startswith("hermes-gguf ")
    assert "→ hermes-gguf models; hermes-gguf pull NAME" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(("All is well", "Nothing is wrong"))
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("package", "says", "next_step"),
    [
        (
            "import os; os.kill(os.getpid(), 4)",
            "when it is loaded (SIGILL)",
            "GGML_NATIVE",
        ),
        ("import os; os.kill(os.getpid(), 11)", "(SIGSEGV)", "GGML_NATIVE"),
        ("raise OSError('libcudart.so.12: not found')", "libcudart.so.12", "reinstall"),
        ("raise ImportError('broken')", "broken", "reinstall"),
        ("raise ZeroDivisionError('odd')", "ZeroDivisionError: odd", "--debug"),
    ],
)
def test_a_llama_cpp_that_does_not_run_is_wrong(
    hermes,  # noqa: F811
    tmp_path,
    package,
    says,
    next_step,
):
    (tmp_path / "llama_cpp").mkdir()
    (tmp_path / "llama_cpp" / "__init__.py").write_text(package)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    found = examine(hermes, env={"PYTHONPATH": path}, code=1)
    assert found["llama.cpp"].verdict == "wrong"
    assert says in found["llama.cpp"].text
    assert next_step in (found["llama.cpp"].hint or "")
    assert "memory" in found, "the rest is looked at all the same"


@pytest.mark.parametrize(
    ("system_info", "flags", "unused"),
    [
        (OLD_BUILD, "fpu avx avx2 f16c fma", []),
        (OLD_BUILD, "avx avx2 f16c fma avx512f avx512_vnni", ["AVX512", "AVX512_VNNI"]),
        (OLD_BUILD, "avx avx2 f16c fma avx_vnni", ["AVX_VNNI"]),
        (NEW_BUILD, "avx avx2 f16c fma avx512f avx512_vnni amx_int8", []),
        (PLAIN, "sse avx", ["AVX"]),
        (PLAIN, "sse", []),
        (ARM_BUILD, "fp asimd", []),
        (ARM_BUILD, "fp asimd asimddp i8mm", ["DOTPROD", "MATMUL_INT8"]),
    ],
)
def test_what_the_build_leaves_unused(system_info, flags, unused):
    assert unused_features(system_info, frozenset(flags.split())) == unused


def test_what_the_build_uses_is_named_as_llama_cpp_names_it():
    assert used_features(OLD_BUILD) == ["AVX", "AVX2", "F16C", "FMA"]
    assert used_features(NEW_BUILD)[-1] == "AMX_INT8"
    assert used_features("") == []


@pytest.mark.parametrize(
    ("free_gb", "size_gb"), [(2, None), (4, 2.0), (8, 4.9), (16, 9.0), (64, 42.5)]
)
def test_the_largest_model_that_fits(free_gb, size_gb):
    spec = largest_that_fits(load_catalog(), free_gb * 10**9)
    if size_gb is None:
        assert spec is None
        return
    assert spec is not None
    file = spec.file()
    assert (file.size_bytes or file.size_bytes_about) / 1e9 == pytest.approx(
        size_gb, abs=0.1
    )


def test_a_folder_that_cannot_be_written_is_wrong(hermes, tmp_path):  # noqa: F811
    (tmp_path / "file").write_text("in the way")
    place = str(tmp_path / "file" / "hub")
    found = examine(hermes, env={"HF_HUB_CACHE": place}, code=1)
    finding = found["model folder"]
    assert finding.verdict == "wrong"
    assert place in finding.text
    # What a download says that does not find room there.
    assert (finding.hint or "").endswith(f", or {to_other_place('owner/model')}")


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_file_that_is_cut_is_wrong(hermes, home, is_whole):  # noqa: F811
    repo = Path(home["HF_HOME"]) / "hub" / "models--owner--Some-Hermes-GGUF"
    snapshot = repo / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    model = write_random_gguf(snapshot / "Some-Hermes.Q4_K_M.gguf")
    if not is_whole:
        os.truncate(model, model.stat().st_size - 100)
    found = examine(hermes, code=0 if is_whole else 1)["model"]
    assert found.verdict == ("ok" if is_whole else "wrong")
    assert ("is whole" if is_whole else "ends 100 bytes after the file") in found.text
    assert is_whole or "hermes-gguf pull --force owner/" in (found.hint or "")


@pytest.mark.parametrize("name", ["settings.toml", "models.toml"])
def test_a_file_of_the_user_that_is_broken_is_wrong(hermes, home, name):  # noqa: F811
    folder = Path(home["HERMES_GGUF_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("not = [toml")
    found = examine(hermes, code=1)
    wrong = [each for each in found.values() if each.verdict == "wrong"]
    assert len(wrong) == 1
    assert name in wrong[0].text
    assert "memory" in found


def test_the_hub_answers_or_it_is_told_that_it_does_not(monkeypatch):
    catalog = load_catalog()
    repo = next(spec.repo_id for spec in catalog if spec.repo_id)
    with HubServer({repo: {"a.gguf": b"x"}}) as server:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.endpoint)
        answers = look_at_hub(catalog)
    assert answers == Finding("Hub", "ok", f"{server.endpoint} answers")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    silent = look_at_hub(catalog)
    assert silent.verdict == "note"
    assert "Models that are here need no Hub" in silent.text
    assert silent.hint
