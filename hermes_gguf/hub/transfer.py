"""One file from the Hub into the Hub's cache, resumable, verified on arrival.

huggingface_hub sends the requests (token, HF_ENDPOINT, redirects, retries, Range)
and lays out the cache. Since its 2.x a broken `hf_hub_download` starts from zero
the next time; so the bytes are collected here in a `.part` file that outlives the
process, checked, and only then handed to its cache.
"""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard, TypeVar

from huggingface_hub import constants, file_download, hf_hub_download, hf_hub_url
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

from ..errors import (
    ChecksumError,
    DownloadError,
    ModelNotFoundError,
    TransferError,
)
from .alone import alone, plain_locks
from .cache import Folders
from .foreign import BusyError, hub_errors, no_hub, require_endpoint
from .partial import fetch_bytes
from .progress import OnProgress, report_bytes
from .room import missing_bytes, require_room
from .verified import is_sha256, sha256_of_file

_T = TypeVar("_T")
#: A name in a folder: no way out of it, and nothing that is no letter.
_NAME = re.compile(r"(?!\.{1,2}$)[^/\\\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """What the Hub says about a file before it is fetched.

    Attributes:
        repo_id: `owner/name`.
        filename: Path in the repository.
        revision: The branch, tag or commit that was asked for.
        commit: What the revision is at now.
        etag: Name of the blob; for a large file, its sha256.
        size_bytes: Its size, when the server says.
        location: Where the bytes are (a CDN, mostly).
        headers: What to send there; no token to a foreign host.
    """

    repo_id: str
    filename: str
    revision: str
    commit: str
    etag: str
    size_bytes: int | None
    location: str
    headers: dict[str, str]

    @property
    def sha256(self) -> str | None:
        """The published sha256, when the etag is one."""
        return self.etag if is_sha256(self.etag) else None


def with_retries(
    action: Callable[[], _T], *, waits_s: Sequence[float], on_wait: Callable[[], None]
) -> _T:
    """Do it again after each wait, as long as the server is busy.

    Raises:
        TransferError: when it is still busy after the last wait.
    """
    for wait_s in waits_s:
        try:
            return action()
        except BusyError:
            on_wait()
            time.sleep(wait_s)
    return action()


def fetch_remote_file(
    repo_id: str, filename: str, *, revision: str | None, endpoint: str | None
) -> RemoteFile:
    """Ask the Hub for a file's size, hash and whereabouts (one HEAD).

    Raises:
        DownloadError: it cannot be had; each reason has its own class.
    """
    if not _is_plain_path(filename):
        raise ModelNotFoundError(
            f"{repo_id} names a file that no disk is to hold: {filename!r}.",
            repo_id=repo_id,
            filename=filename,
            hint="hermes-gguf models, or another repository",
        )
    revision = revision or constants.DEFAULT_REVISION
    endpoint = require_endpoint(endpoint)
    url = hf_hub_url(repo_id, filename, revision=revision, endpoint=endpoint)
    with hub_errors(repo_id, filename):
        seen = file_download.get_hf_file_metadata(url, endpoint=endpoint)
        headers = build_hf_headers()
    if not (_is_name(seen.etag) and _is_name(seen.commit_hash)):
        raise no_hub(url, repo_id, filename)
    if _host(seen.location) != _host(url):
        headers.pop("authorization", None)
    return RemoteFile(
        repo_id=repo_id,
        filename=filename,
        revision=revision,
        commit=seen.commit_hash,
        etag=seen.etag,
        size_bytes=seen.size,
        location=seen.location,
        headers=headers,
    )


def _is_plain_path(path: str) -> bool:
    """Whether a path that somebody else chose stays in the folder where it begins."""
    parts = re.split(r"[/\\]", path)
    return not re.match("[A-Za-z]:", path) and all(_is_name(part) for part in parts)


def _is_name(name: str | None) -> TypeGuard[str]:
    return name is not None and _NAME.fullmatch(name) is not None


def fetch_into_cache(
    remote: RemoteFile,
    *,
    folders: Folders,
    expected_sha256: str | None,
    endpoint: str | None,
    on_progress: OnProgress,
    force: bool = False,
) -> tuple[Path, str | None]:
    """Bring a file into the Hub's cache and return its path and verified sha256.

    A partial file of an earlier attempt is continued. The bytes enter the cache
    only when their hash is right.

    Raises:
        ChecksumError: the bytes are wrong; they are deleted.
        DiskFullError: before anything is sent, when the room is too small.
        DownloadError: the transfer broke; what arrived is kept.
    """
    refuse_other_file(remote, expected_sha256)
    folder = folders.repo(remote.repo_id)
    lock = folders.hub / ".locks" / folder.name / f"{remote.etag}.part.lock"
    with hub_errors(remote.repo_id, remote.filename), plain_locks():
        (folder / "blobs").mkdir(parents=True, exist_ok=True)
        with alone(lock, filename=remote.filename, on_progress=on_progress):
            home, found = _fetch_verified(
                remote,
                folder,
                expected_sha256=expected_sha256,
                on_progress=on_progress,
                force=force,
            )
        path = hf_hub_download(
            remote.repo_id,
            remote.filename,
            revision=remote.revision,
            cache_dir=folders.hub,
            endpoint=endpoint,
        )
    if not Path(path).samefile(home):
        raise TransferError(
            f"{remote.repo_id} changed while {remote.filename} was coming.",
            repo_id=remote.repo_id,
            filename=remote.filename,
            hint="hermes-gguf pull again",
        )
    return Path(path), found


def _fetch_verified(
    remote: RemoteFile,
    folder: Path,
    *,
    expected_sha256: str | None,
    on_progress: OnProgress,
    force: bool,
) -> tuple[Path, str | None]:
    """Bring a file to its place in a repository's folder; the place and its sha256."""
    blob, part, pointer = _places(remote, folder)
    here = [path for path in (blob, pointer) if path.exists() and not force]
    source = here[0] if here else part
    if source is part:
        fetch_part(
            remote.location,
            part,
            headers=remote.headers,
            size_bytes=remote.size_bytes,
            repo_id=remote.repo_id,
            filename=remote.filename,
            on_progress=on_progress,
        )
    found = check_sha256(
        source,
        repo_id=remote.repo_id,
        filename=remote.filename,
        published=(remote.sha256, expected_sha256),
        on_progress=on_progress,
    )
    # Where links are not supported, the snapshot itself holds the file. The library
    # would copy a blob there, and twice the room would be taken.
    home = blob if _has_links(folder) and source != pointer else pointer
    if source != home:
        home.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, home)
    return home, found


def _places(remote: RemoteFile, folder: Path) -> tuple[Path, Path, Path]:
    """Its blob, the blob that is not complete yet, and its name in the snapshot."""
    blob = folder / "blobs" / remote.etag
    part = blob.with_name(f"{remote.etag}.part")
    return blob, part, folder / "snapshots" / remote.commit / remote.filename


def bytes_to_come(remote: RemoteFile, folders: Folders, *, force: bool) -> int:
    """What `fetch_into_cache` would fetch of a file; 0 where its size is unknown."""
    blob, part, pointer = _places(remote, folders.repo(remote.repo_id))
    if not force and (blob.exists() or pointer.exists()):
        return 0
    return missing_bytes(part, remote.size_bytes)


def _has_links(folder: Path) -> bool:
    """Whether files of the cache can be links; Windows refuses them to most users."""
    with warnings.catch_warnings():
        # About the room that copies would take: there are none.
        warnings.simplefilter("ignore")
        return file_download.are_symlinks_supported(folder)


def refuse_other_file(remote: RemoteFile, expected_sha256: str | None) -> None:
    """Fail before the transfer when the Hub offers another file than the catalogue.

    Raises:
        ChecksumError: the hint takes the Hub's file all the same.
    """
    if not expected_sha256 or remote.sha256 in (None, expected_sha256):
        return
    raise ChecksumError(
        repo_id=remote.repo_id,
        filename=remote.filename,
        expected=expected_sha256,
        actual=remote.sha256 or "",
        hint="its publisher replaced it; to take it as it is now:"
        f" hermes-gguf pull {remote.repo_id}/{remote.filename}",
    )


def check_sha256(
    path: Path,
    *,
    repo_id: str,
    filename: str,
    published: Sequence[str | None],
    on_progress: OnProgress,
) -> str | None:
    """Hash a file and compare it with what was published; None when nothing was.

    Args:
        path: The file.
        repo_id: For the error.
        filename: For the error and the progress.
        published: The Hub's own sha256, then the catalogue's; None where unknown.
        on_progress: Hears how much is hashed.

    Raises:
        ChecksumError: The bytes are not what the Hub itself says: the file is
            deleted. They differ from the catalogue only: it is left alone.
    """
    if not any(published):
        return None
    report = report_bytes(
        on_progress,
        phase="verify",
        filename=filename,
        total_bytes=path.stat().st_size,
    )
    found = sha256_of_file(path, on_bytes=report)
    wrong = [sha256 for sha256 in published if sha256 and sha256 != found]
    if wrong:
        if found not in published:
            path.resolve().unlink()
        raise ChecksumError(
            repo_id=repo_id, filename=filename, expected=wrong[0], actual=found
        )
    return found


def fetch_part(
    location: str,
    part: Path,
    *,
    headers: dict[str, str],
    size_bytes: int | None,
    repo_id: str,
    filename: str,
    on_progress: OnProgress,
) -> None:
    """Bring the rest of a file into `part`, if the disk has room for it.

    Args:
        location: Where the bytes come from.
        part: The partial file; what it holds is not fetched again.
        headers: Of the request.
        size_bytes: Of the whole file, where that is known.
        repo_id: Its repository, for messages; "" for a URL.
        filename: Its name, for messages and progress.
        on_progress: Hears how far the transfer is.

    Raises:
        DiskFullError: before anything is sent, when the room is too small.
        DownloadError: before anything is sent, when the file is too large for it.
        OSError: whatever huggingface_hub raises; the file keeps what arrived.
    """
    _require_sendable(size_bytes, repo_id=repo_id, filename=filename)
    missing = missing_bytes(part, size_bytes)
    require_room(part.parent, missing, repo_id=repo_id, filename=filename)
    report = report_bytes(
        on_progress,
        phase="download",
        filename=filename,
        total_bytes=size_bytes,
        resumed_bytes=part.stat().st_size if part.exists() else 0,
    )
    fetch_bytes(
        location, part, headers=headers, expected_bytes=size_bytes, on_bytes=report
    )


def _require_sendable(size_bytes: int | None, *, repo_id: str, filename: str) -> None:
    most_bytes = constants.MAX_HTTP_DOWNLOAD_SIZE
    if size_bytes is None or size_bytes <= most_bytes:
        return
    hint = "download it yourself, and name the file: --model FILE"
    if repo_id:
        hint = f"hf download {repo_id} {filename} fetches it; it is then found here"
    raise DownloadError(
        f"{filename} has {size_bytes / 1e9:.0f} GB, and no more than"
        f" {most_bytes / 1e9:.0f} GB can be fetched in this way.",
        repo_id=repo_id,
        filename=filename,
        hint=hint,
    )


def _host(url: str) -> str:
    return url.split("://", 1)[-1].split("/", 1)[0].lower()
