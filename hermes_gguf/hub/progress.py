"""How far a transfer is, as values; rate and ETA are computed by who shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferProgress:
    """The state of one file's transfer.

    Attributes:
        phase: ask: a repository's files are asked for; download: bytes arrive;
            verify: their sha256 is computed; wait: the server asked to come back
            later; queue: another process brings the file. Nothing is counted while
            it is asked or waited for.
        filename: The file's path in its repository, or the repository.
        done_bytes: Bytes on the disk, or hashed.
        total_bytes: The file's size; None when the server does not say.
        resumed_bytes: Bytes that an earlier, broken transfer had left.
        part: Number of this file among the parts of a split model, from 1.
        n_parts: How many parts there are.
    """

    phase: Literal["ask", "download", "verify", "wait", "queue"]
    filename: str
    done_bytes: int
    total_bytes: int | None
    resumed_bytes: int = 0
    part: int = 1
    n_parts: int = 1


OnProgress: TypeAlias = Callable[[TransferProgress], None]


def report_bytes(
    on_progress: OnProgress,
    *,
    phase: Literal["download", "verify"],
    filename: str,
    total_bytes: int | None,
    resumed_bytes: int = 0,
) -> Callable[[int], None]:
    """What turns a count of finished bytes into progress of a file.

    Args:
        on_progress: Hears it.
        phase: What is done with the bytes.
        filename: The file's path in its repository.
        total_bytes: The file's size; None when the server does not say.
        resumed_bytes: Bytes that an earlier, broken transfer had left.
    """

    def report(done_bytes: int) -> None:
        on_progress(
            TransferProgress(
                phase=phase,
                filename=filename,
                done_bytes=done_bytes,
                total_bytes=total_bytes,
                resumed_bytes=resumed_bytes,
            )
        )

    return report


def ignore_progress(progress: TransferProgress) -> None:
    """Show nothing."""
