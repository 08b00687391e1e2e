"""Pulling through the real huggingface_hub client from a server with faults."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from hermes_gguf.errors import (
    AccessDeniedError,
    ChecksumError,
    DiskFullError,
    DownloadError,
    ModelNotFoundError,
    NotDownloadedError,
    OfflineError,
    TransferError,
)
from hermes_gguf.hub import TransferProgress
from tests.support.hub_server import Fault, HubServer, fake_gguf

from .conftest import DATA, FILE, REPO, Pull


def test_a_catalogue_name_arrives_verified_with_progress(pull: Pull) -> None:
    seen = []
    model = pull(on_progress=seen.append)
    assert model.path.read_bytes() == DATA
    assert model.sha256 == hashlib.sha256(DATA).hexdigest()
    assert model.name == "hermes-test:Q4_K_M"
    done = [p.done_bytes for p in seen if p.phase == "download"]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == len(DATA)
    assert {p.total_bytes for p in seen} == {len(DATA)}


def test_that_a_repository_is_asked_is_told_before_it_answers(
    hub: HubServer, pull: Pull
) -> None:
    hub.stop()
    seen = []
    with pytest.raises(OfflineError):
        pull(f"{REPO}:Q4_K_M", on_progress=seen.append)
    assert [(p.phase, p.filename) for p in seen][0] == ("ask", REPO)


def test_no_network_is_used_once_it_is_here(
    hub: HubServer, pull: Pull, resolve: Pull
) -> None:
    pulled = pull()
    hub.stop()
    hub.requests.clear()
    assert resolve().path == pulled.path
    assert resolve(f"{REPO}:q4_k_m").path == pulled.path
    assert resolve(REPO).path == pulled.path
    assert pull().path == pulled.path
    assert hub.requests == []


def test_resolving_never_downloads(hub: HubServer, resolve: Pull) -> None:
    with pytest.raises(NotDownloadedError) as caught:
        resolve("hermes-test")
    assert caught.value.hint == "hermes-gguf pull hermes-test"
    assert hub.requests == []


def test_a_cut_connection_goes_on_where_it_stopped(hub: HubServer, pull: Pull) -> None:
    hub.faults.append(Fault("cut", after_bytes=2_000_000))
    assert pull().path.read_bytes() == DATA
    first, second = hub.ranges()
    assert first is None
    assert second is not None
    assert hub.sent_bytes() < len(DATA) + 600_000


def test_what_a_dead_server_left_is_resumed_by_the_next_pull(
    hub: HubServer, pull: Pull, tmp_path: Path
) -> None:
    hub.faults.append(Fault("short", after_bytes=2_000_000))
    hub.faults.append(Fault("status", times=-1, status=503))
    with pytest.raises(TransferError, match="503") as caught:
        pull()
    assert "goes on where it stopped" in str(caught.value.hint)
    (part,) = tmp_path.rglob("*.part")
    assert part.read_bytes() == DATA[:2_000_000]
    hub.faults.clear()
    seen = []
    assert pull(on_progress=seen.append).path.read_bytes() == DATA
    assert seen[0].resumed_bytes == 2_000_000
    assert hub.ranges()[-1] == "bytes=2000000-"
    assert not list(tmp_path.rglob("*.part"))


def test_a_server_that_ignores_range_starts_over(hub: HubServer, pull: Pull) -> None:
    hub.faults.append(Fault("cut", after_bytes=1_500_000))
    hub.faults.append(Fault("ignore-range"))
    assert pull().path.read_bytes() == DATA


def test_wrong_bytes_are_refused_named_and_deleted(
    hub: HubServer, pull: Pull, resolve: Pull, tmp_path: Path
) -> None:
    hub.faults.append(Fault("corrupt"))
    with pytest.raises(ChecksumError) as caught:
        pull()
    assert caught.value.filename == FILE
    assert caught.value.expected != caught.value.actual
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and p.stat().st_size > 99]
    with pytest.raises(NotDownloadedError):
        resolve()
    assert pull().path.read_bytes() == DATA


def test_a_file_that_is_not_the_catalogues_is_refused_before_it_is_sent(
    hub: HubServer, pull: Pull, resolve: Pull
) -> None:
    hub.repos[REPO][FILE] = fake_gguf(50_000, seed=3)
    with pytest.raises(ChecksumError) as caught:
        pull()
    assert hub.sent_bytes() == 0
    assert f"hermes-gguf pull {REPO}/{FILE}" in str(caught.value.hint)
    with pytest.raises(NotDownloadedError):
        resolve()
    assert pull(f"{REPO}:Q4_K_M").path.read_bytes() == hub.repos[REPO][FILE]


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("where", ["head", "cdn"])
def test_a_busy_server_is_asked_again(
    hub: HubServer, pull: Pull, status: int, where: str
) -> None:
    hub.faults.append(Fault("status", where=where, status=status, times=1))
    assert pull().path.read_bytes() == DATA


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault("status", "head", -1, status=429), TransferError, "429"),
        (Fault("status", "head", -1, status=503), TransferError, "503"),
        (Fault("status", "head", -1, status=401), AccessDeniedError, "hf auth login"),
        (
            Fault("status", "head", -1, status=403, error_code="GatedRepo"),
            AccessDeniedError,
            f"https://huggingface.co/{REPO}",
        ),
        (Fault("status", "cdn", -1, status=403), AccessDeniedError, "HF_TOKEN"),
    ],
    ids=["429", "503", "401", "gated", "cdn-403"],
)
def test_each_refusal_is_its_own_error(
    hub: HubServer, pull: Pull, fault: Fault, error: type[DownloadError], says: str
) -> None:
    hub.faults.append(fault)
    with pytest.raises(error) as caught:
        pull()
    assert says in f"{caught.value} {caught.value.hint}"
    assert caught.value.repo_id == REPO
    assert caught.value.__cause__ is not None


def test_a_missing_file_names_close_ones(hub: HubServer, pull: Pull) -> None:
    del hub.repos[REPO][FILE]
    with pytest.raises(ModelNotFoundError, match="has no") as caught:
        pull()
    assert caught.value.hint == f"hermes-gguf pull {REPO}/Hermes-Test.Q8_0.gguf"


def test_a_missing_repository_says_so(pull: Pull) -> None:
    with pytest.raises(ModelNotFoundError, match="nobody/nothing"):
        pull("nobody/nothing:Q4_K_M")


def test_a_server_that_is_down_is_offline(hub: HubServer, pull: Pull) -> None:
    hub.stop()
    with pytest.raises(OfflineError) as caught:
        pull()
    assert "tiny" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "place"),
    [("hermes-test", "HF_HUB_CACHE"), (f"CDN/{REPO}/{FILE}", "XDG_CACHE_HOME")],
)
def test_a_full_disk_is_noticed_before_the_transfer(
    hub: HubServer, pull: Pull, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    full = SimpleNamespace(total=1, used=1, free=70_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(
        DiskFullError, match=r" 0\.08 GB more.* 0\.07 GB free"
    ) as caught:
        pull(name.replace("CDN", hub.cdn))
    assert place in str(caught.value.hint)
    assert hub.sent_bytes() == 0


def test_the_token_goes_to_the_hub_and_not_to_the_cdn(
    hub: HubServer, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pull()
    to_hub = [r for r in hub.requests if r.host.startswith("127.0.0.1")]
    to_cdn = [r for r in hub.requests if r.path.startswith("/cdn")]
    assert {r.authorization for r in to_hub} == {"Bearer hf_secret"}
    assert {r.authorization for r in to_cdn} == {None}


def test_force_downloads_again_and_keeps_the_old_until_it_is_here(
    hub: HubServer, pull: Pull, resolve: Pull
) -> None:
    pull()
    hub.faults.append(Fault("status", times=-1, status=503))
    with pytest.raises(TransferError):
        pull(force=True)
    assert resolve().path.read_bytes() == DATA
    hub.faults.clear()
    assert pull(force=True).path.read_bytes() == DATA
    assert hub.sent_bytes() == 2 * len(DATA)


def test_a_file_that_rotted_on_the_disk_is_found_by_verify(
    pull: Pull, resolve: Pull
) -> None:
    path = pull().path
    path.resolve().write_bytes(b"GGUF" + bytes(len(DATA) - 4))
    with pytest.raises(ChecksumError):
        pull(verify=True)
    with pytest.raises(NotDownloadedError):
        resolve()
    assert pull().path.read_bytes() == DATA


@pytest.mark.parametrize(
    "name",
    [
        f"{REPO}:Q4_K_M",
        f"{REPO}/big/Big-Q4_K_M-00002-of-00003.gguf",
        f"CDN/{REPO}/big/Big-Q4_K_M-00001-of-00003.gguf?download=true",
        f"CDN/{REPO}/big/Big-Q4_K_M-00003-of-00003.gguf?download=true",
    ],
)
def test_split_models_arrive_with_all_their_parts(
    hub: HubServer, pull: Pull, resolve: Pull, name: str
) -> None:
    name = name.replace("CDN", hub.cdn)
    parts = {
        f"big/Big-Q4_K_M-0000{n}-of-00003.gguf": fake_gguf(40_000, seed=n)
        for n in (1, 2, 3)
    }
    hub.repos[REPO] = parts
    model = pull(name)
    assert model.path.name == "Big-Q4_K_M-00001-of-00003.gguf"
    assert [p.read_bytes() for p in model.paths] == list(parts.values())
    assert model.size_bytes == 120_000
    hub.stop()
    assert pull(name).paths == model.paths
    for again in (model.name, str(model.paths[1])):
        assert resolve(again).paths == model.paths


@pytest.mark.parametrize("place", [REPO, f"CDN/{REPO}"])
def test_room_for_all_parts_is_asked_for_before_the_first_comes(
    hub: HubServer, pull: Pull, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    names = [f"m-Q6_K-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    hub.repos[REPO] = {name: fake_gguf(40_000, seed=len(name)) for name in names}
    first = f"{place.replace('CDN', hub.cdn)}/{names[0]}"
    spare = 64 * 1024 * 1024
    room = SimpleNamespace(total=1, used=1, free=spare + 119_999)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: room)
    with pytest.raises(DiskFullError, match="with its other parts needs"):
        pull(first)
    assert hub.sent_bytes() == 0
    room.free += 1
    assert pull(first).size_bytes == 120_000
    # What is here needs no room.
    room.free = spare + 40_000
    assert pull(first, force=False).size_bytes == 120_000


def test_a_split_model_that_lacks_a_part_is_refused_before_the_others_come(
    hub: HubServer, pull: Pull
) -> None:
    names = [f"m-Q6_K-0000{n}-of-00003.gguf" for n in (1, 2)]
    hub.repos[REPO] = {name: fake_gguf(40_000, seed=len(name)) for name in names}
    with pytest.raises(ModelNotFoundError, match="00003-of-00003"):
        pull(f"{REPO}/{names[0]}")
    assert hub.sent_bytes() == 0


def test_parts_of_two_revisions_are_no_model(
    hub: HubServer, pull: Pull, resolve: Pull
) -> None:
    """llama.cpp looks for the other parts beside the first."""
    names = [f"m-Q6_K-0000{n}-of-00002.gguf" for n in (1, 2)]
    hub.repos[REPO] = {name: fake_gguf(9000, seed=len(name)) for name in names}
    old = pull(f"{REPO}:Q6_K")
    newer = old.path.parent.with_name("b" * 40)
    newer.mkdir()
    (newer / names[0]).write_bytes(fake_gguf(9000, seed=7))
    os.utime(newer, (4e9, 4e9))
    old.path.parents[2].joinpath("refs/main").write_text("b" * 40)
    assert resolve(f"{REPO}:Q6_K").paths == old.paths


def test_a_plain_url_is_kept_resumed_and_found_offline(
    hub: HubServer, pull: Pull, resolve: Pull
) -> None:
    url = f"{hub.cdn}/{REPO}/{FILE}?download=true"
    hub.faults += [
        Fault("none"),
        Fault("short", after_bytes=1_000_000),
        Fault("status", status=404),
    ]
    with pytest.raises(ModelNotFoundError):
        pull(url)
    model = pull(url)
    assert model.path.read_bytes() == DATA
    assert hub.ranges()[-1] == "bytes=1000000-"
    hub.stop()
    assert resolve(url).path == model.path


@pytest.mark.parametrize("name", ["hermes-test", f"CDN/{REPO}/{FILE}"])
def test_who_comes_second_waits_for_what_the_first_brings_and_says_so(
    hub: HubServer, pull: Pull, name: str
) -> None:
    name = name.replace("CDN", hub.cdn)
    is_coming, waits = threading.Event(), threading.Event()

    def bring(progress: TransferProgress) -> None:
        if progress.phase == "download":
            is_coming.set()
            assert waits.wait(20)

    def hear(progress: TransferProgress) -> None:
        if progress.phase == "queue":
            waits.set()

    first = threading.Thread(target=pull, args=[name], kwargs={"on_progress": bring})
    first.start()
    assert is_coming.wait(20)
    model = pull(name, on_progress=hear)
    first.join()
    assert waits.is_set()
    assert model.path.read_bytes() == DATA
    assert hub.sent_bytes() == len(DATA)


def test_a_url_that_is_no_gguf_is_refused(hub: HubServer, pull: Pull) -> None:
    hub.repos[REPO]["page.html"] = b"<html>"
    with pytest.raises(DownloadError, match="no GGUF file"):
        pull(f"{hub.cdn}/{REPO}/page.html")


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.Q5_K_M.gguf",
        "a/../../../evil.Q5_K_M.gguf",
        "/tmp/evil.Q5_K_M.gguf",
        "C:evil.Q5_K_M.gguf",
        r"..\evil.Q5_K_M.gguf",
        "x\nError: forged.Q5_K_M.gguf",
        "a//b.Q5_K_M.gguf",
    ],
)
def test_a_file_that_would_lie_elsewhere_is_not_fetched(
    hub: HubServer, pull: Pull, name: str, tmp_path: Path
) -> None:
    hub.repos["a/evil"] = {name: DATA}
    before = set(tmp_path.rglob("*"))
    with pytest.raises(ModelNotFoundError, match="names a file that no disk"):
        pull("a/evil:Q5_K_M")
    assert set(tmp_path.rglob("*")) == before
    assert hub.sent_bytes() == 0


def test_a_server_that_names_another_place_for_a_file_is_no_hub(
    hub: HubServer, pull: Pull, tmp_path: Path
) -> None:
    hub.linked_etag = "../../../evil"
    with pytest.raises(TransferError, match="does not answer as a Hugging Face Hub"):
        pull()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
