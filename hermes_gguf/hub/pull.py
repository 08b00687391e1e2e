"""A model's name → its verified file on this machine, downloaded where needed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from ..catalog import Catalog, load_catalog, split_model_name
from ..errors import ModelNotFoundError
from .cache import Folders
from .choose import choose_parts
from .progress import OnProgress, TransferProgress, ignore_progress
from .refs import FileRef, RepoRef, UrlRef, parse_model_ref
from .resolve import (
    LocalModel,
    find_repo_model,
    find_url_model,
    local_from_parts,
    resolve_model,
)
from .verified import is_sha256, remember_verified, verified_sha256

_T = TypeVar("_T")

#: Seconds between tries while the server answers 429 or 5xx.
RETRY_WAITS_S = (1.0, 3.0, 8.0)


def pull_model(
    name: str,
    *,
    catalog: Catalog | None = None,
    quant: str | None = None,
    force: bool = False,
    verify: bool = False,
    on_progress: OnProgress = ignore_progress,
    folders: Folders | None = None,
    endpoint: str | None = None,
    retry_waits_s: Sequence[float] = RETRY_WAITS_S,
) -> LocalModel:
    """Bring a model here, verified, and return it.

    A file that is here and was verified is returned at once, without any network;
    one that is here and never was (another program downloaded it) is hashed.

    Args:
        name: As for `resolve_model`.
        catalog: Where keys and aliases are looked up; None is the shipped one.
        quant: Quantization, where the name does not say it.
        force: Download again even if it is here.
        verify: Hash again even if it was verified.
        on_progress: Hears how far the transfer is.
        folders: Where downloaded models lie; None takes the user's.
        endpoint: The Hub; None takes HF_ENDPOINT or huggingface.co.
        retry_waits_s: Seconds between tries while the server is busy.

    Raises:
        UnknownModelError: the name means nothing.
        DownloadError: it cannot be had; each reason has its own class.
    """
    catalog = catalog or load_catalog()
    if quant is not None:
        name = f"{_without_quant(name, catalog)}:{quant}"
    ref = parse_model_ref(name, catalog=catalog)
    if isinstance(ref, FileRef):
        return resolve_model(name, catalog=catalog)
    job = _Job(
        folders=folders or Folders.of_user(),
        endpoint=endpoint,
        on_progress=on_progress,
        force=force,
        verify=verify,
        retry_waits_s=tuple(retry_waits_s),
    )
    if isinstance(ref, UrlRef):
        return _pull_url(ref, job)
    return _pull_repo(_exact(ref), job)


def _without_quant(name: str, catalog: Catalog) -> str:
    return name if catalog.find(name) else split_model_name(name)[0]


def _exact(ref: RepoRef) -> RepoRef:
    """With the catalogue's default quantization where none was asked for."""
    return replace(ref, quant=ref.wanted_quant) if ref.by_key else ref


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """How a model is to be pulled; the arguments of `pull_model`."""

    folders: Folders
    endpoint: str | None
    on_progress: OnProgress
    force: bool
    verify: bool
    retry_waits_s: tuple[float, ...]

    def tell(self, phase: Literal["ask", "wait"], filename: str) -> None:
        """Report that there is nothing to count yet, and why."""
        self.on_progress(
            TransferProgress(
                phase=phase, filename=filename, done_bytes=0, total_bytes=None
            )
        )

    def retry(self, action: Callable[[], _T], *, filename: str) -> _T:
        """Do it, again and again while the server is busy.

        Raises:
            TransferError: it is still busy after the last wait.
        """
        from .transfer import with_retries

        return with_retries(
            action,
            waits_s=self.retry_waits_s,
            on_wait=lambda: self.tell("wait", filename),
        )

    def on_part(self, number: int, n_parts: int) -> OnProgress:
        """What reports the progress of one part of a model."""

        def report(progress: TransferProgress) -> None:
            self.on_progress(replace(progress, part=number, n_parts=n_parts))

        return report


def _pull_url(ref: UrlRef, job: _Job) -> LocalModel:
    if len(ref.part_urls) > 1:
        _require_room_for_urls(ref, job)
    for number, url in enumerate(ref.part_urls, start=1):
        _pull_url_part(ref, url, number, job)
    found = find_url_model(ref, job.folders)
    assert found is not None
    return found


def _require_room_for_urls(ref: UrlRef, job: _Job) -> None:
    from .url import url_bytes_to_come, url_folder

    folder = url_folder(ref.url, job.folders)

    def count() -> int:
        urls = ref.part_urls
        return sum(url_bytes_to_come(url, folder, force=job.force) for url in urls)

    _require_room(count, folder, first=ref.url, repo_id="", job=job)


def _require_room(
    count: Callable[[], int], folder: Path, *, first: str, repo_id: str, job: _Job
) -> None:
    """Fail before the first part comes, when the last one would not fit any more."""
    from .room import require_room

    missing = job.retry(count, filename=first)
    name = f"{first} with its other parts"
    require_room(folder, missing, repo_id=repo_id, filename=name)


def _pull_url_part(ref: UrlRef, url: str, number: int, job: _Job) -> None:
    from .url import fetch_url, url_folder

    def attempt() -> Path:
        return fetch_url(
            url,
            folder=url_folder(ref.url, job.folders),
            source=ref.url,
            on_progress=job.on_part(number, len(ref.part_urls)),
            force=job.force,
        )

    job.retry(attempt, filename=url)


def _pull_repo(ref: RepoRef, job: _Job) -> LocalModel:
    if not job.force:
        here = find_repo_model(ref, job.folders)
        if here is not None and _verify_cached(here, ref, job):
            # Read anew: it is marked as verified now.
            return local_from_parts(ref, _names(here, ref), here.paths, job.folders)
    parts = ref.known_parts or _list_parts(ref, job)
    if len(parts) > 1:
        _require_room_for_parts(ref, parts, job)
    paths = []
    for number, part in enumerate(parts, start=1):
        paths.append(_pull_part(ref, part, number, len(parts), job))
    return local_from_parts(ref, parts, tuple(paths), job.folders)


def _require_room_for_parts(ref: RepoRef, parts: Sequence[str], job: _Job) -> None:
    from .transfer import bytes_to_come, fetch_remote_file

    def count() -> int:
        remotes = [
            fetch_remote_file(
                ref.repo_id, part, revision=ref.revision, endpoint=job.endpoint
            )
            for part in parts
        ]
        return sum(bytes_to_come(r, job.folders, force=job.force) for r in remotes)

    folder = job.folders.repo(ref.repo_id)
    try:
        _require_room(count, folder, first=parts[0], repo_id=ref.repo_id, job=job)
    except ModelNotFoundError as error:
        raise _with_close_matches(error, ref, error.filename, job) from error


def _names(here: LocalModel, ref: RepoRef) -> tuple[str, ...]:
    return ref.known_parts or (here.filename,)


def _verify_cached(here: LocalModel, ref: RepoRef, job: _Job) -> bool:
    """Whether every part is verified, hashing those that never were."""
    from .transfer import check_sha256

    for path in here.paths:
        if not job.verify and verified_sha256(path, job.folders):
            continue
        # The cache names the blob of a large file by its sha256.
        blob = path.resolve().name
        published = blob if is_sha256(blob) else None
        if published is None and _expected_sha256(ref) is None:
            return False
        found = check_sha256(
            path,
            repo_id=here.repo_id,
            filename=path.name,
            published=(published, _expected_sha256(ref)),
            on_progress=job.on_progress,
        )
        if found is not None:
            remember_verified(path, found, job.folders)
    return True


def _expected_sha256(ref: RepoRef) -> str | None:
    is_whole = len(ref.known_parts) == 1
    return ref.file.sha256 if ref.file and ref.by_key and is_whole else None


def _list_parts(ref: RepoRef, job: _Job) -> tuple[str, ...]:
    names = _list_repo(ref, job)
    return choose_parts(names, quant=ref.quant, repo_id=ref.repo_id)


def _list_repo(ref: RepoRef, job: _Job) -> list[str]:
    from .listing import list_repo

    def ask() -> list[str]:
        job.tell("ask", ref.repo_id)
        return list_repo(ref.repo_id, revision=ref.revision, endpoint=job.endpoint)

    return job.retry(ask, filename=ref.repo_id)


def _pull_part(
    ref: RepoRef, filename: str, number: int, n_parts: int, job: _Job
) -> Path:
    from .transfer import fetch_into_cache, fetch_remote_file

    def attempt() -> tuple[Path, str | None]:
        remote = fetch_remote_file(
            ref.repo_id, filename, revision=ref.revision, endpoint=job.endpoint
        )
        return fetch_into_cache(
            remote,
            folders=job.folders,
            expected_sha256=_expected_sha256(ref),
            endpoint=job.endpoint,
            on_progress=job.on_part(number, n_parts),
            force=job.force,
        )

    try:
        path, sha256 = job.retry(attempt, filename=filename)
    except ModelNotFoundError as error:
        raise _with_close_matches(error, ref, filename, job) from error
    if sha256 is not None:
        remember_verified(path, sha256, job.folders)
    return path


def _with_close_matches(
    error: ModelNotFoundError, ref: RepoRef, filename: str, job: _Job
) -> ModelNotFoundError:
    """The same error, naming what the repository has instead."""
    try:
        names = _list_repo(ref, job)
    except ModelNotFoundError as missing_repo:
        return missing_repo
    if filename in names:
        # It is there; what holds its bytes is not.
        return error
    ggufs = [name for name in names if name.lower().endswith(".gguf")]
    close = difflib.get_close_matches(filename, ggufs, n=3, cutoff=0.3) or ggufs[:3]
    if not close:
        return error
    return ModelNotFoundError(
        f"{ref.repo_id} has no {filename}. Did you mean {' or '.join(close)}?",
        repo_id=ref.repo_id,
        filename=filename,
        hint=f"hermes-gguf pull {ref.repo_id}/{close[0]}",
    )
