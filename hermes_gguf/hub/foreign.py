"""Foreign errors → ours: the only place that knows how the Hub's client fails.

Every call of huggingface_hub stands inside `hub_errors`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from huggingface_hub import constants, get_session
from huggingface_hub import errors as hub

from ..errors import (
    AccessDeniedError,
    DiskFullError,
    DownloadError,
    ModelNotFoundError,
    OfflineError,
    TransferError,
)
from ..places import CACHE_VARIABLE, HUB_VARIABLE, other_place

try:
    import httpx2 as httpx
except ImportError:  # huggingface-hub 1.x
    import httpx  # type: ignore[import-not-found,no-redef]

_RETRY_STATUS = (408, 429, 500, 502, 503, 504)
#: What to do where a disk that holds models is full.
FREE_SOME = "free some room (hermes-gguf rm NAME)"
_NO_FOLDER = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR),
    *(errno.ELOOP, errno.ENAMETOOLONG, errno.EIO),
    # A shared disk without locks: one file must not be written by two at once.
    *(errno.ENOLCK, errno.EOPNOTSUPP),
)
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_ASK_A_BROWSER = (
    "check HF_ENDPOINT and the proxy; where a network wants you to log in first, open"
    " any page in the browser"
)
_NETWORK_DOWN = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED)


class BusyError(TransferError):
    """The server asks to come back later (429, 5xx), or cut the file short."""


@contextmanager
def hub_errors(repo_id: str, filename: str = "") -> Iterator[None]:
    """Turn whatever a transfer raises into a DownloadError.

    Raises:
        DownloadError: always `from` the foreign error.
    """
    _require_client(repo_id, filename)
    try:
        yield
    except (OSError, httpx.HTTPError, hub.HFValidationError) as error:
        raise _translate(error, repo_id, filename) from error
    except httpx.InvalidURL as error:
        raise ModelNotFoundError(
            f"{_what(repo_id, filename)} has no address that can be asked: {error}.",
            repo_id=repo_id,
            filename=filename,
            hint="check the name, and HF_ENDPOINT if it is set",
        ) from error
    except UnicodeEncodeError as error:
        # A header is ASCII, and of what is in ours only the token is the user's.
        raise AccessDeniedError(
            "The token of the Hub holds a character that no token has.",
            repo_id=repo_id,
            filename=filename,
            hint="hf auth login, or set HF_TOKEN anew",
        ) from error


def _require_client(repo_id: str, filename: str) -> None:
    """Fail where the settings of the network cannot even be read.

    Raises:
        DownloadError: naming what is wrong with them.
    """
    try:
        get_session()
    except (OSError, ValueError, ImportError) as error:
        raise DownloadError(
            f"The settings of the network cannot be used: {_first_line(error)}.",
            repo_id=repo_id,
            filename=filename,
            hint="check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and SSL_CERT_FILE; a SOCKS"
            " proxy needs: pip install socksio",
        ) from error


def require_endpoint(endpoint: str | None) -> str:
    """The Hub's address; None is that of HF_ENDPOINT, or huggingface.co.

    Raises:
        DownloadError: it is none.
    """
    endpoint = constants.ENDPOINT if endpoint is None else endpoint
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("http", "https") and parts.hostname:
        return endpoint
    raise DownloadError(
        f"HF_ENDPOINT is no address of a server: {endpoint!r}.",
        repo_id="",
        hint="unset HF_ENDPOINT, or set it to one like https://huggingface.co",
    )


def no_hub(url: str, repo_id: str, filename: str = "") -> TransferError:
    """What to raise where something else answers: a proxy, or a page to log in."""
    return TransferError(
        f"{url} does not answer as a Hugging Face Hub does.",
        repo_id=repo_id,
        filename=filename,
        hint=_ASK_A_BROWSER,
    )


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
        if isinstance(cause, _NO_CONNECTION):
            return _unreachable(cause, repo_id, filename)
        if isinstance(cause, httpx.TooManyRedirects):
            return TransferError(
                f"The server of {_what(repo_id, filename)} sends from address to"
                " address and never answers.",
                repo_id=repo_id,
                filename=filename,
                hint=_ASK_A_BROWSER,
            )
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
    if status == 407:
        return _unreachable(error, repo_id, filename)
    if status in (401, 403) or isinstance(error, hub.GatedRepoError):
        return _denied(error, status, repo_id, filename)
    if status in (404, 410):
        return ModelNotFoundError(
            f"The {'Hub' if repo_id else 'server'} has no {what} ({status}).",
            repo_id=repo_id,
            filename=filename,
            hint=f"look at {_page(repo_id)}, or hermes-gguf models"
            if repo_id
            else "check the address in a browser",
        )
    kind = BusyError if status in _RETRY_STATUS else TransferError
    said = "asks to come back later" if status == 429 else "failed"
    return kind(
        f"The server {said} ({status}) for {what}; what has arrived is kept.",
        repo_id=repo_id,
        filename=filename,
        hint="hermes-gguf pull again in a while; it goes on where it stopped",
    )


def _denied(
    error: hub.HfHubHTTPError, status: int, repo_id: str, filename: str
) -> AccessDeniedError:
    login = "hf auth login (or set HF_TOKEN)"
    if not repo_id:
        said = f"The server refuses {filename} ({status})."
        # The token of the Hub is for nobody else.
        hint = "download it with what you log in with, then --model FILE"
    elif isinstance(error, hub.GatedRepoError):
        said = (
            f"{repo_id} is gated: its owner wants you to accept a licence first"
            f" ({status})."
        )
        # Not at HF_ENDPOINT: a mirror has no page to accept it at.
        hint = f"accept it at https://huggingface.co/{repo_id}, then {login}"
    elif status == 401:
        # The Hub answers 401 for a missing repository too.
        said = (
            f"The Hub refuses {repo_id} (401): it is private, your token is wrong, or"
            " there is no such repository."
        )
        hint = f"check the name, then {login}"
    else:
        said = (
            f"{repo_id} is refused ({status}): your token may not read it, or a proxy"
            " or firewall on the way forbids it."
        )
        hint = f"open {_page(repo_id)} in a browser on this machine; {login}"
    return AccessDeniedError(said, repo_id=repo_id, filename=filename, hint=hint)


def _page(repo_id: str) -> str:
    return f"{constants.ENDPOINT}/{repo_id}"


def _unreachable(error: BaseException, repo_id: str, filename: str) -> DownloadError:
    why = _first_line(error)
    hint = (
        f"check the network{' (and HF_ENDPOINT)' if repo_id else ''}, then hermes-gguf"
        " pull again; --model tiny needs no network"
    )
    if isinstance(error, httpx.ProxyError | hub.HfHubHTTPError):
        why = f"the proxy says: {why}"
        hint = "check HTTPS_PROXY and HTTP_PROXY: http://USER:PASSWORD@HOST:PORT"
    elif "CERTIFICATE_VERIFY_FAILED" in why:
        hint = (
            "check the clock; if your network opens connections with a certificate of"
            " its own, SSL_CERT_FILE names that file"
        )
    return OfflineError(
        f"The server of {_what(repo_id, filename)} cannot be reached ({why}).",
        repo_id=repo_id,
        filename=filename,
        hint=hint,
    )


def _from_os_error(error: Exception, repo_id: str, filename: str) -> DownloadError:
    what = _what(repo_id, filename)
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            f"The disk is full; what has arrived of {what} is kept.",
            repo_id=repo_id,
            filename=filename,
            hint=more_room(repo_id),
        )
    if code == errno.EFBIG:
        return DiskFullError(
            f"The disk takes no file as large as {what} (a FAT file system?).",
            repo_id=repo_id,
            filename=filename,
            hint=to_other_place(repo_id),
        )
    if code in _NETWORK_DOWN:
        return _unreachable(error, repo_id, filename)
    if code in _NO_FOLDER:
        return DownloadError(
            f"The cache cannot be written: {error}.",
            repo_id=repo_id,
            filename=filename,
            hint=to_other_place(repo_id),
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


def to_other_place(repo_id: str) -> str:
    """Files from the Hub go to its own cache, those from plain URLs to ours."""
    return other_place(HUB_VARIABLE if repo_id else CACHE_VARIABLE) or (
        "download it yourself to another disk, and name the file: --model FILE"
    )


def more_room(repo_id: str) -> str:
    """What to do where a disk is full, or nearly."""
    return f"{FREE_SOME}, or {to_other_place(repo_id)}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _what(repo_id: str, filename: str) -> str:
    return f"{filename} in {repo_id}" if filename and repo_id else filename or repo_id
