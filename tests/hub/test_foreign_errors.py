"""Whatever the Hub's client or the system raises becomes one of our errors."""

from __future__ import annotations

import errno
import threading

import httpx2
import pytest
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

from hermes_gguf.errors import (
    DiskFullError,
    DownloadError,
    ModelNotFoundError,
    OfflineError,
    TransferError,
)
from hermes_gguf.hub.foreign import hub_errors
from tests.support.hub_server import HubServer

from .conftest import DATA, Pull


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFullError),
        (OSError(errno.EFBIG, "File too large"), DiskFullError),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), OfflineError),
        (PermissionError(errno.EACCES, "Permission denied"), DownloadError),
        (OSError(errno.EROFS, "Read-only file system"), DownloadError),
        (httpx2.ConnectError("Name or service not known"), OfflineError),
        (httpx2.ReadTimeout("timed out"), TransferError),
        (httpx2.RemoteProtocolError("peer closed connection"), TransferError),
        (LocalEntryNotFoundError("not found"), TransferError),
        (HFValidationError("bad name"), ModelNotFoundError),
    ],
    ids=lambda value: getattr(value, "__name__", None) or type(value).__name__,
)
def test_a_foreign_error_becomes_ours_with_a_next_step(
    raised: Exception, ours: type[DownloadError]
) -> None:
    with pytest.raises(ours) as caught, hub_errors("a/b", "m.gguf"):
        raise raised
    assert caught.value.__cause__ is raised
    assert caught.value.hint


@pytest.mark.parametrize(
    "code",
    [
        *(errno.EACCES, errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG),
        *(errno.EIO, errno.ENOLCK, errno.EOPNOTSUPP),
    ],
)
def test_a_cache_that_cannot_be_made_is_no_broken_transfer(code: int) -> None:
    with pytest.raises(DownloadError, match="cache cannot be written") as caught:
        with hub_errors("a/b", "m.gguf"):
            raise OSError(code, "no folder", "/proc/none")
    assert "HF_HUB_CACHE" in str(caught.value.hint)


def test_the_reason_is_found_behind_a_general_error() -> None:
    general = LocalEntryNotFoundError("look at the connection")
    general.__cause__ = httpx2.ConnectError("refused")
    with pytest.raises(OfflineError), hub_errors("a/b"):
        raise general


def test_two_pulls_at_once_transfer_the_file_once(hub: HubServer, pull: Pull) -> None:
    hub.body_pause_s = 0.05
    found: list[bytes] = []
    pulls = [
        threading.Thread(target=lambda: found.append(pull().path.read_bytes()))
        for _ in range(2)
    ]
    for thread in pulls:
        thread.start()
    for thread in pulls:
        thread.join()
    assert found == [DATA, DATA]
    assert hub.sent_bytes() == len(DATA)
