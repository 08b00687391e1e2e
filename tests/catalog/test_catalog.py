"""The shipped models.toml, the user's own on top, and names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hermes_gguf.catalog import (
    Catalog,
    kv_bytes_per_token,
    load_catalog,
)
from hermes_gguf.errors import CatalogSyntaxError, UnknownModelError
from hermes_gguf.options import SamplingOptions
from tests.support.shared import ROOT, shared_path

CATALOG = load_catalog()
FILES = {
    (file.repo_id, part): file
    for spec in CATALOG
    for file in spec.files.values()
    for part in file.parts
}


def test_every_published_file_is_listed_with_its_hash_and_size() -> None:
    published = json.loads(shared_path("hermes/gguf_catalog.json").read_text())
    assert len(published) == 25
    for entry in published:
        file = FILES[entry["repo"], entry["file"]]
        assert file.sha256 == entry["sha256"], entry["file"]
        assert file.size_bytes == entry["size_bytes"], entry["file"]


def test_no_hash_or_exact_size_is_ours_alone() -> None:
    entries = json.loads(shared_path("hermes/gguf_catalog.json").read_text())
    known = {(e["repo"], e["file"]) for e in entries}
    for key, file in FILES.items():
        assert key in known or (file.sha256 is None and file.size_bytes is None), key


def test_every_model_of_the_registry_has_its_context_length() -> None:
    text = shared_path("hermes/FACTS.md").read_text()
    rows = re.findall(r"^\| ((?:deep)?hermes-[\w.-]+) \|.*$", text, re.MULTILINE)
    assert len(rows) == 15
    for key in rows:
        row = re.search(rf"^\| {re.escape(key)} \|(.*)$", text, re.MULTILINE)
        assert row is not None
        cells = row[1].split("|")
        wanted = re.match(r" *(\d+)", cells[3])
        assert wanted is not None
        assert CATALOG.resolve(key).n_ctx_train == int(wanted[1])
        assert (CATALOG.resolve(key).repo_id or "") in cells[1], key


@pytest.mark.parametrize(
    ("key", "dialect"),
    [
        ("hermes-2-pro", "chatml"),
        ("hermes-2-theta", "chatml"),
        ("hermes-3", "chatml"),
        ("hermes-4-14b", "chatml"),
        ("deephermes-3-8b", "llama3"),
        ("hermes-4-70b", "llama3"),
        ("hermes-4-405b", "llama3"),
        ("hermes-4.3", "llama3"),
    ],
)
def test_the_dialect_of_each_family(key: str, dialect: str) -> None:
    assert CATALOG.resolve(key).dialect == dialect


def test_recommended_sampling_can_be_used_as_it_stands() -> None:
    for spec in CATALOG:
        SamplingOptions(**spec.sampling)  # type: ignore[arg-type]
    assert dict(CATALOG.resolve("hermes-4-14b").sampling) == {
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 20,
        "repeat_penalty": 1.0,
    }


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("hermes-2-pro", "hermes-2-pro-llama-3-8b"),
        ("Hermes-3-8B", "hermes-3-llama-3.1-8b"),
        ("hermes3:8b", "hermes-3-llama-3.1-8b"),
        ("hermes-3-3b:Q8_0", "hermes-3-llama-3.2-3b"),
        ("tiny", "tiny"),
    ],
)
def test_keys_and_aliases_resolve(name: str, key: str) -> None:
    assert CATALOG.resolve(name).key == key


def test_an_unknown_name_names_close_ones() -> None:
    with pytest.raises(UnknownModelError) as caught:
        CATALOG.resolve("hermes-3-8bb")
    assert "hermes-3-8b" in caught.value.close_matches
    assert "hermes-3-8b" in str(caught.value)


def test_kv_cache_of_an_8b_is_128_kib_a_token() -> None:
    shape = CATALOG.resolve("hermes-3-8b").shape
    assert shape is not None
    assert kv_bytes_per_token(shape) == 128 * 1024
    assert kv_bytes_per_token(shape, kv_type="q8_0") == 68 * 1024


def _user(tmp_path: Path, text: str) -> Catalog:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    return load_catalog(user_path=path)


def test_a_users_file_adds_and_overrides(tmp_path: Path) -> None:
    merged = _user(
        tmp_path,
        """
        [models.mine]
        repo = "acme/mine-GGUF"
        aliases = ["m"]
        [models.hermes-2-pro-llama-3-8b]
        sampling = { temperature = 0.1 }
        [models.local]
        path = "/data/local.gguf"
        """,
    )
    assert merged.resolve("m").repo_id == "acme/mine-GGUF"
    assert merged.resolve("local").path == "/data/local.gguf"
    pro, shipped = merged.resolve("hermes-2-pro"), CATALOG.resolve("hermes-2-pro")
    assert dict(pro.sampling) == {"temperature": 0.1, "repeat_penalty": 1.1}
    assert pro.files == shipped.files


def test_without_a_users_file_the_shipped_one_stands(tmp_path: Path) -> None:
    assert load_catalog(user_path=tmp_path / "none.toml") == CATALOG


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[models.x]\nrepo = 'a/b'\nlicense = 'MIT'", "models.x.license: unknown key"),
        ("[models.x]\ntitle = 'X'", "models.x: exactly one of repo, path"),
        ("[models.x]\nrepo = 'ab'", "models.x: repo: 'ab'"),
        ("[models.x]\nrepo = 'a/b'\ndialect = 'alpaca'", "models.x.dialect: expected"),
        ("[models.x]\nrepo = 'a/b'\nn_ctx_train = -1", "models.x.n_ctx_train"),
        ("[models.x]\nrepo = 3", "models.x.repo: expected text, not 3"),
        (
            "[models.x]\nrepo = 'a/b'\nfiles = {Q4 = {name = 'm.bin'}}",
            "models.x.files.Q4",
        ),
        (
            "[models.x]\nrepo = 'a/b'\nfiles = {Q4 = {name = '../m.gguf'}}",
            "models.x.files.Q4",
        ),
        (
            "[models.x]\nrepo = 'a/b'\nfiles = {Q4 = {name='m.gguf', sha256='12'}}",
            "models.x.files.Q4: sha256",
        ),
        (
            "[models.x]\nrepo = 'a/b'\nsampling = {temperature = 900}",
            "models.x.sampling: temperature",
        ),
        (
            "[models.x]\nrepo = 'a/b'\nsampling = {temprature = 1}",
            "models.x.sampling: unknown sampling option",
        ),
        ("[models.x]\nrepo = 'a/b'\naliases = ['tiny']", "is tiny's name"),
        ("[models.x]\nrepo='a/b'\nthinking_prompt='@no'", "texts.no: is missing"),
        ("[model.x]\nrepo = 'a/b'", "model: unknown key"),
        ("[models.'a/b']\nrepo = 'a/b'", "a key holds no"),
        ("[models.x\n", "not TOML"),
        ("models = 3", "models: expected a table"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(CatalogSyntaxError) as caught:
        _user(tmp_path, text)
    assert says in str(caught.value)
    assert caught.value.path == str(tmp_path / "models.toml")


def test_the_wheel_ships_the_file_that_the_checkout_reads() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert '"models.toml" = "hermes_gguf/models.toml"' in pyproject
    assert (ROOT / "models.toml").is_file()
