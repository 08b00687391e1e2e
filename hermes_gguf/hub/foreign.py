"""Foreign errors → ours: the only place that knows how the Hub's client fails.

Every call of huggingface_hub stands inside `hub_errors`.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import errors as hub

from ..errors import (
    AccessDeniedError,
    DiskFullError,
    DownloadError,
    ModelNotFoundError,
    OfflineError,
    TransferError,
)

try:
    import httpx2 as httpx
except ImportError:  # huggingface-hub 1.x
    import httpx  # type: ignore[import-not-found,no-redef]

_RETRY_STATUS = (408, 429, 500, 502, 503, 504)
_NO_FOLDER = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)
_NETWORK_DOWN = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED)


class BusyError(TransferError):
    """The server asks to come back later (429, 5xx), or cut the file short."""


@contextmanager
def hub_errors(repo_id: str, filename: str = "") -> Iterator[None]:
    """Turn whatever a transfer raises into a DownloadError.

    Raises:
        DownloadError: always `from` the foreign error.
    """
    try:
        yield
    except (OSError, httpx.HTTPError, hub.HFValidationError) as error:
        raise _translate(error, repo_id, filename) from error


def _translate(error: Exception, repo_id: str, filename: str) -> DownloadError:
    chain = _chain(error)
    for cause in chain:
        if isinstance(cause, hub.HfHubHTTPError):
            return _from_status(cause, repo_id, filename)
    for cause in chain:
        if isinstance(cause, hub.OfflineModeIsEnabled):
            return OfflineError(
                f"{_what(repo_id, filename)} is not on this machine, and"
                " HF_HUB_OFFLINE forbids downloading it.",
                repo_id=repo_id,
                filename=filename,
                hint="unset HF_HUB_OFFLINE, then hermes-gguf pull again",
            )
        if isinstance(cause, httpx.ConnectError | httpx.ProxyError):
            return _unreachable(cause, repo_id, filename)
    return _from_os_error(error, repo_id, filename)


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain


def _from_status(
    error: hub.HfHubHTTPError, repo_id: str, filename: str
) -> DownloadError:
    status = error.response.status_code
    what = _what(repo_id, filename)
    if status == 403 or isinstance(error, hub.GatedRepoError):
        return AccessDeniedError(
            f"{repo_id} is gated: its owner wants you to accept a licence first"
            f" ({status}).",
            repo_id=repo_id,
            filename=filename,
            hint=f"accept it at https://huggingface.co/{repo_id}, then hf auth login"
            " (or set HF_TOKEN)",
        )
    if status == 401:
        # The Hub answers 401 for a missing repository too.
        return AccessDeniedError(
            f"The Hub refuses {repo_id} (401): it is private, your token is wrong, or"
            " there is no such repository.",
            repo_id=repo_id,
            filename=filename,
            hint="check the name, then hf auth login (or set HF_TOKEN)",
        )
    if status in (404, 410):
        return ModelNotFoundError(
            f"The Hub has no {what} ({status}).",
            repo_id=repo_id,
            filename=filename,
            hint=f"look at https://huggingface.co/{repo_id}, or hermes-gguf models",
        )
    kind = BusyError if status in _RETRY_STATUS else TransferError
    said = "asks to come back later" if status == 429 else "failed"
    return kind(
        f"The server {said} ({status}) for {what}; what has arrived is kept.",
        repo_id=repo_id,
        filename=filename,
        hint="hermes-gguf pull again in a while; it goes on where it stopped",
    )


def _unreachable(error: BaseException, repo_id: str, filename: str) -> DownloadError:
    return OfflineError(
        f"The server of {_what(repo_id, filename)} cannot be reached ({error}).",
        repo_id=repo_id,
        filename=filename,
        hint="check the network (and HF_ENDPOINT), then hermes-gguf pull again;"
        " --model tiny needs no network",
    )


def _from_os_error(error: Exception, repo_id: str, filename: str) -> DownloadError:
    what = _what(repo_id, filename)
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            f"The disk is full; what has arrived of {what} is kept.",
            repo_id=repo_id,
            filename=filename,
            hint="free some room (hermes-gguf rm NAME), or " + other_place(repo_id),
        )
    if code == errno.EFBIG:
        return DiskFullError(
            f"The disk takes no file as large as {what} (a FAT file system?).",
            repo_id=repo_id,
            filename=filename,
            hint=other_place(repo_id),
        )
    if code in _NETWORK_DOWN:
        return _unreachable(error, repo_id, filename)
    if code in _NO_FOLDER:
        return DownloadError(
            f"The cache cannot be written: {error}.",
            repo_id=repo_id,
            filename=filename,
            hint=other_place(repo_id),
        )
    if isinstance(error, hub.HFValidationError):
        return ModelNotFoundError(
            f"{repo_id!r} is no name of a repository.",
            repo_id=repo_id,
            hint="hermes-gguf models",
        )
    cut_short = "Consistency check failed" in str(error)
    kind = BusyError if cut_short else TransferError
    return kind(
        f"The transfer of {what} broke off ({_first_line(error)}); what has arrived"
        " is kept.",
        repo_id=repo_id,
        filename=filename,
        hint="hermes-gguf pull again; it goes on where it stopped",
    )


def other_place(repo_id: str) -> str:
    """Files from the Hub go to its own cache, those from plain URLs to ours."""
    if not repo_id and sys.platform == "win32":
        # No variable moves the folder for caches there.
        return "download it yourself to another disk, and name the file: --model FILE"
    name = "HF_HOME" if repo_id else "XDG_CACHE_HOME"
    return f"set {name} to a folder of yours on another disk"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _what(repo_id: str, filename: str) -> str:
    return f"{filename} in {repo_id}" if filename and repo_id else filename or repo_id
