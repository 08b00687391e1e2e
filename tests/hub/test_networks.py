"""Networks in the way: what is told of each, and what to do next."""

from __future__ import annotations

import pytest
from huggingface_hub import constants

from hermes_gguf.errors import (
    AccessDeniedError,
    CatalogError,
    DownloadError,
    ModelNotFoundError,
    OfflineError,
    TransferError,
)
from hermes_gguf.hub import Folders
from tests.support.hub_server import Fault, HubServer

from .conftest import DATA, FILE, REPO, Pull

#: By listing, by name, and at a plain URL: where each is asked first.
LISTED, NAMED, PLAIN = (REPO, "api"), (f"{REPO}/{FILE}", "head"), ("URL", "cdn")


def _pull(pull: Pull, hub: HubServer, name: str) -> None:
    pull(f"{hub.cdn}/{REPO}/{FILE}" if name == "URL" else name)


@pytest.mark.parametrize("place", [LISTED, NAMED])
def test_a_page_to_log_in_is_no_hub(
    hub: HubServer, pull: Pull, place: tuple[str, str]
) -> None:
    name, where = place
    hub.faults = [Fault("page", where=where, times=-1)]
    with pytest.raises(TransferError, match="does not answer as a Hugging") as caught:
        pull(name)
    assert "log in" in str(caught.value.hint)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id"'])
def test_a_listing_that_is_none_is_no_hub(
    hub: HubServer, pull: Pull, body: bytes
) -> None:
    hub.faults = [Fault("answer", where="api", times=-1, body=body)]
    with pytest.raises(TransferError, match="does not answer as a Hugging"):
        pull(REPO)


@pytest.mark.parametrize("place", [LISTED, NAMED, PLAIN])
def test_a_redirect_in_a_circle_is_told(
    hub: HubServer, pull: Pull, place: tuple[str, str]
) -> None:
    name, where = place
    hub.faults = [Fault("loop", where=where, times=-1)]
    with pytest.raises(TransferError, match="from address to address") as caught:
        _pull(pull, hub, name)
    assert "log in" in str(caught.value.hint)


def test_a_listing_that_never_comes_is_not_waited_for(
    hub: HubServer, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.2)
    hub.faults = [Fault("silent", where="api", times=-1)]
    with pytest.raises(TransferError, match="timed out"):
        pull(REPO)


def test_a_busy_listing_is_asked_for_as_often_as_a_file(
    hub: HubServer, pull: Pull
) -> None:
    hub.faults = [Fault("status", where="api", status=503, times=-1)]
    with pytest.raises(TransferError, match="503"):
        pull(REPO)
    listings = [r for r in hub.requests if r.path.startswith("/api/models/")]
    assert len(listings) == 3


@pytest.mark.parametrize(
    ("place", "status", "code", "kind", "said", "hint"),
    [
        (NAMED, 403, "GatedRepo", AccessDeniedError, f"{REPO} is gated", "accept it"),
        (NAMED, 403, None, AccessDeniedError, f"{REPO} is refused (403)", "browser"),
        (LISTED, 403, None, AccessDeniedError, f"{REPO} is refused (403)", "browser"),
        (NAMED, 401, None, AccessDeniedError, f"refuses {REPO} (401)", "HF_TOKEN"),
        (PLAIN, 401, None, AccessDeniedError, "The server refuses URL (401)", "FILE"),
        (PLAIN, 403, None, AccessDeniedError, "The server refuses URL (403)", "FILE"),
        (PLAIN, 404, None, ModelNotFoundError, "The server has no URL", "address"),
        (LISTED, 407, None, OfflineError, "the proxy says", "HTTPS_PROXY"),
    ],
)
def test_a_refusal_says_whose_it_is(
    hub: HubServer,
    pull: Pull,
    place: tuple[str, str],
    status: int,
    code: str | None,
    kind: type[DownloadError],
    said: str,
    hint: str,
) -> None:
    name, where = place
    fault = Fault("status", where=where, status=status, error_code=code, times=-1)
    hub.faults = [fault]
    with pytest.raises(kind) as caught:
        _pull(pull, hub, name)
    assert said.replace("URL", f"{hub.cdn}/{REPO}/{FILE}") in str(caught.value)
    assert hint in str(caught.value.hint)


def test_a_file_that_is_listed_and_not_there_is_not_offered_in_its_own_place(
    hub: HubServer, pull: Pull
) -> None:
    hub.faults = [Fault("status", where="cdn", status=404, times=-1)]
    with pytest.raises(ModelNotFoundError) as caught:
        pull(f"{REPO}/{FILE}")
    assert "Did you mean" not in str(caught.value)


def test_a_line_that_is_cut_again_and_again_still_gets_on(
    hub: HubServer, pull: Pull, folders: Folders
) -> None:
    """Each cut leaves what arrived, however little it was."""
    hub.faults = [Fault("cut", after_bytes=100_000, times=3)]
    assert pull().path.read_bytes() == DATA
    assert hub.ranges() == [None] + [f"bytes={n}00000-" for n in (1, 2, 3)]


def test_a_file_that_is_too_large_to_come_this_way_names_another(
    hub: HubServer, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "MAX_HTTP_DOWNLOAD_SIZE", 2_000_000)
    with pytest.raises(DownloadError, match="can be fetched in this way") as caught:
        pull()
    assert f"hf download {REPO} {FILE}" in str(caught.value.hint)
    assert hub.sent_bytes() == 0


def test_bytes_of_an_unknown_size_are_not_gone_on_with(
    hub: HubServer, pull: Pull, folders: Folders
) -> None:
    """Nothing says how many are missing; a server refuses to send after the last."""
    url = f"{hub.cdn}/{REPO}/{FILE}"
    hub.faults = [
        Fault("none"),
        Fault("short", after_bytes=1_000_000),
        Fault("status", status=404),
    ]
    with pytest.raises(ModelNotFoundError):
        pull(url)
    [part] = folders.urls.glob("*/*.part")
    part.write_bytes(DATA)
    hub.faults = [Fault("no-length", times=1)]
    assert pull(url).path.read_bytes() == DATA
    assert hub.ranges()[-1] is None


@pytest.mark.parametrize("name", ["http://[::1/m.gguf", "http:///m.gguf", "https://"])
def test_an_address_that_is_none_is_told_as_one(pull: Pull, name: str) -> None:
    with pytest.raises(CatalogError, match="is no address"):
        pull(name)


@pytest.mark.parametrize("endpoint", ["", "nonsense", "http://", "http://[::1"])
@pytest.mark.parametrize("name", [REPO, f"{REPO}/{FILE}"])
def test_an_endpoint_that_is_no_address_is_named(
    pull: Pull, name: str, endpoint: str
) -> None:
    with pytest.raises(DownloadError, match="HF_ENDPOINT is no address") as caught:
        pull(name, endpoint=endpoint)
    assert "unset HF_ENDPOINT" in str(caught.value.hint)
