"""Models from plain URLs, kept in our own cache, resumable like the others.

The Hub's token is never sent to such a server.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ..errors import DownloadError
from .cache import Folders
from .progress import OnProgress

#: Beside each file, the URL it came from.
SOURCE = "source.txt"
#: What Windows keeps for itself: in a name they would name another place.
_NEVER_IN_NAMES = re.compile(r'[\x00-\x1f<>:"\\|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def url_of_file(path: Path) -> str:
    """The URL that a file in our cache came from; its path, where nothing says it."""
    try:
        return (path.parent / SOURCE).read_text(encoding="utf-8") or str(path)
    except (OSError, UnicodeDecodeError):
        return str(path)


def url_folder(url: str, folders: Folders) -> Path:
    """Where the files of a model lie, or will lie, whose first part has this URL."""
    return folders.urls / hashlib.sha256(url.encode()).hexdigest()[:16]


def url_file(url: str, folder: Path) -> Path:
    """Where a URL's file lies, or will lie, in its model's folder."""
    last = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    name = _NEVER_IN_NAMES.sub(lambda match: quote(match.group(), safe=""), last)
    name = name.rstrip(". ") or "model.gguf"
    return folder / (f"_{name}" if _DEVICE.match(name) else name)


def fetch_url(
    url: str,
    *,
    folder: Path,
    source: str,
    on_progress: OnProgress,
    force: bool = False,
) -> Path:
    """Download a URL's file into our cache and return its path.

    A partial file is continued only when the server tells a size, and the same ETag
    as before.

    Args:
        url: The file.
        folder: Its model's folder.
        source: The URL of its model's first part; its own, if there is one part.
        on_progress: Hears how far the transfer is.
        force: Download again even if it is here.

    Raises:
        DownloadError: it cannot be had, or is no GGUF file.
    """
    from .alone import alone
    from .foreign import hub_errors

    target = url_file(url, folder)
    if target.is_file() and not force:
        return target
    lock = folder.with_suffix(".lock")
    with (
        hub_errors("", url),
        alone(lock, filename=target.name, on_progress=on_progress),
    ):
        if force or not target.is_file():  # nobody else brought it meanwhile
            folder.mkdir(exist_ok=True)
            _fetch(url, target, on_progress)
            if url_of_file(target) != source:
                (folder / SOURCE).write_text(source, encoding="utf-8")
    return target


def _fetch(url: str, target: Path, on_progress: OnProgress) -> None:
    """Bring a URL's bytes to their place.

    Raises:
        DownloadError: they are no GGUF file.
        OSError: whatever huggingface_hub raises.
    """
    from huggingface_hub import file_download

    from .transfer import fetch_part

    seen = file_download.get_hf_file_metadata(url, token=False)
    part = _part(target, seen.etag)
    if seen.etag is None or seen.size is None:
        # Nothing says that the old bytes belong to the new ones, or how many.
        part.unlink(missing_ok=True)
    fetch_part(
        seen.location,
        part,
        headers={},
        size_bytes=seen.size,
        repo_id="",
        filename=target.name,
        on_progress=on_progress,
    )
    _check_gguf(part, url)
    part.replace(target)


def url_bytes_to_come(url: str, folder: Path, *, force: bool) -> int:
    """What `fetch_url` would fetch of a file; 0 where its size is unknown.

    Raises:
        DownloadError: it cannot be had.
    """
    from huggingface_hub import file_download

    from .foreign import hub_errors
    from .room import missing_bytes

    target = url_file(url, folder)
    if target.is_file() and not force:
        return 0
    with hub_errors("", url):
        seen = file_download.get_hf_file_metadata(url, token=False)
    return missing_bytes(_part(target, seen.etag), seen.size)


def _part(target: Path, etag: str | None) -> Path:
    """Where a file of this ETag lies until it is complete."""
    tag = hashlib.sha256((etag or "").encode()).hexdigest()[:8]
    return target.with_name(f"{target.name}.{tag}.part")


def _check_gguf(path: Path, url: str) -> None:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic != b"GGUF":
        path.unlink()
        raise DownloadError(
            f"{url} is no GGUF file (it begins with {magic!r}).",
            repo_id="",
            filename=url,
            hint="on the Hub, copy the link of the download button (…/resolve/…)",
        )
