"""What each way to name a model means, and which file a quantization picks."""

from __future__ import annotations

from pathlib import Path

import pytest

from hermes_gguf.catalog import Catalog, load_catalog, quant_from_filename
from hermes_gguf.errors import CatalogError, ModelNotFoundError, UnknownModelError
from hermes_gguf.hub.choose import choose_parts, model_files
from hermes_gguf.hub.refs import FileRef, RepoRef, UrlRef, parse_model_ref

CATALOG = load_catalog()
NOUS = "NousResearch/Hermes-3-Llama-3.1-8B-GGUF"


@pytest.mark.parametrize(
    ("name", "repo_id", "parts"),
    [
        ("hermes-3-8b", NOUS, ("Hermes-3-Llama-3.1-8B.Q4_K_M.gguf",)),
        ("HERMES-3-8B:q8_0", NOUS, ("Hermes-3-Llama-3.1-8B.Q8_0.gguf",)),
        ("hermes-3-8b:q8", NOUS, ("Hermes-3-Llama-3.1-8B.Q8_0.gguf",)),
        ("hermes3:8b", NOUS, ("Hermes-3-Llama-3.1-8B.Q4_K_M.gguf",)),
        ("hermes-3-8b:Q2_K", NOUS, ()),
        (
            "hermes-2-theta",
            "NousResearch/Hermes-2-Theta-Llama-3-8B-GGUF",
            ("Hermes-2-Pro-Llama-3-Instruct-Merged-DPO-Q4_K_M.gguf",),
        ),
        ("hermes-4-405b", "lmstudio-community/Hermes-4-405B-GGUF", ()),
        ("acme/model-GGUF", "acme/model-GGUF", ()),
        ("acme/model-GGUF:Q5_K_M", "acme/model-GGUF", ()),
        ("hf.co/acme/model-GGUF:Q5_K_M", "acme/model-GGUF", ()),
        ("acme/model-GGUF/sub/m.gguf", "acme/model-GGUF", ("sub/m.gguf",)),
        (
            "https://huggingface.co/acme/m-GGUF/resolve/main/m-Q8_0.gguf?download=true",
            "acme/m-GGUF",
            ("m-Q8_0.gguf",),
        ),
        ("https://huggingface.co/acme/m-GGUF", "acme/m-GGUF", ()),
    ],
)
def test_a_name_means_a_repository(
    name: str, repo_id: str, parts: tuple[str, ...]
) -> None:
    ref = parse_model_ref(name, catalog=CATALOG)
    assert isinstance(ref, RepoRef)
    assert (ref.repo_id, ref.known_parts) == (repo_id, parts)


def test_a_file_a_url_and_the_embedded_model(tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    assert parse_model_ref(str(mine), catalog=CATALOG) == FileRef(mine)
    url = "https://example.com/m.gguf"
    assert parse_model_ref(url, catalog=CATALOG) == UrlRef(url)
    tiny = parse_model_ref("tiny", catalog=CATALOG)
    assert isinstance(tiny, FileRef)
    assert tiny.path.parts[-3:] == ("hermes_gguf", "data", "tiny.gguf")


@pytest.mark.parametrize("name", ["hermes", "hermes-3-8", "a/b/c", "", "a b/c"])
def test_a_name_that_means_nothing_is_an_error(name: str) -> None:
    with pytest.raises(UnknownModelError):
        parse_model_ref(name, catalog=CATALOG)


@pytest.mark.parametrize("path", ["./no.gguf", "/no/such", "no.gguf", "some/no.gguf"])
def test_a_path_without_a_file_says_that_there_is_no_file(path: str) -> None:
    with pytest.raises(CatalogError, match="There is no file"):
        parse_model_ref(path, catalog=CATALOG)


def test_a_folder_is_called_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="is a folder"):
        parse_model_ref(str(tmp_path), catalog=CATALOG)


def test_a_known_repository_brings_its_entry_along() -> None:
    ref = parse_model_ref(f"{NOUS}:Q6_K", catalog=CATALOG)
    assert isinstance(ref, RepoRef)
    assert ref.spec is CATALOG.resolve("hermes-3-8b")
    empty = parse_model_ref(NOUS, catalog=Catalog({}))
    assert isinstance(empty, RepoRef)
    assert empty.spec is None


LISTING = [
    "README.md",
    "m-Q4_K_S.gguf",
    "m-Q8_0.gguf",
    "m.IQ2_M.gguf",
    "mmproj-m-F16.gguf",
    "big/m-Q6_K-00001-of-00002.gguf",
    "big/m-Q6_K-00002-of-00002.gguf",
    "m-Q5_K_M-00001-of-00002.gguf",
]


@pytest.mark.parametrize(
    ("quant", "parts"),
    [
        (None, ("m-Q4_K_S.gguf",)),
        ("q4", ("m-Q4_K_S.gguf",)),
        ("q8_0", ("m-Q8_0.gguf",)),
        ("iq2_m", ("m.IQ2_M.gguf",)),
        ("Q8", ("m-Q8_0.gguf",)),
        (
            "Q6_K",
            ("big/m-Q6_K-00001-of-00002.gguf", "big/m-Q6_K-00002-of-00002.gguf"),
        ),
    ],
)
def test_a_quantization_picks_its_file(
    quant: str | None, parts: tuple[str, ...]
) -> None:
    assert choose_parts(LISTING, quant=quant, repo_id="a/b") == parts


@pytest.mark.parametrize(
    ("names", "quant", "says"),
    [
        (LISTING, "Q3_K_M", "no file for Q3_K_M"),
        (LISTING, "F16", "no file for F16"),
        (LISTING, "Q5_K_M", "no file for Q5_K_M"),
        (["x-Q8_0.gguf", "y-Q8_0.gguf"], None, "several files for Q8_0"),
        (["x.gguf", "y.gguf"], None, "several files for the default: x"),
        (["README.md"], None, "holds no GGUF file"),
    ],
)
def test_no_file_or_several_is_an_error_that_names_them(
    names: list[str], quant: str | None, says: str
) -> None:
    with pytest.raises(ModelNotFoundError, match=says):
        choose_parts(names, quant=quant, repo_id="a/b")


def test_the_default_is_the_best_of_several_that_begin_alike() -> None:
    names = ["m-Q4_0.gguf", "m-Q4_K_S.gguf", "m-Q4_1.gguf"]
    assert choose_parts(names, quant=None, repo_id="a/b") == ("m-Q4_K_S.gguf",)


def test_projectors_and_incomplete_splits_are_no_models() -> None:
    names = [parts[0] for parts in model_files(LISTING)]
    assert names == [
        "big/m-Q6_K-00001-of-00002.gguf",
        "m-Q4_K_S.gguf",
        "m-Q8_0.gguf",
        "m.IQ2_M.gguf",
    ]


@pytest.mark.parametrize(
    ("filename", "quant"),
    [
        ("Hermes-2-Pro-Llama-3-8B-Q4_K_M.gguf", "Q4_K_M"),
        ("Hermes-2-Pro-Mistral-7B.Q4_0.gguf", "Q4_0"),
        ("DeepHermes-3-Llama-3-8B-q4.gguf", "q4"),
        ("a/Hermes-3-405B-IQ2_M-00001-of-00004.gguf", "IQ2_M"),
        ("Model-F16.gguf", "F16"),
        ("model.gguf", None),
    ],
)
def test_the_quantization_in_a_file_name(filename: str, quant: str | None) -> None:
    assert quant_from_filename(filename) == quant
