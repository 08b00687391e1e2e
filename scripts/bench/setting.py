"""What all rows share: the model, the peers' programs, threads, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .library_peer import LibraryPeer
from .llama_server import LlamaServer
from .peers_build import PeerTools


@dataclass(frozen=True)
class Setting:
    """One run of the measurements.

    Attributes:
        model: The file that every side loads.
        tools: llama-server and llama-bench; None: llama.cpp's library in their place.
        n_threads: Threads of every side.
        scratch: A folder for stores and logs, removed afterwards.
        quick: A smoke test: few tokens, few repeats.
    """

    model: Path
    tools: PeerTools | None
    n_threads: int
    scratch: Path
    quick: bool = False

    @property
    def repeats(self) -> int:
        return 1 if self.quick else 3

    @property
    def peer_name(self) -> str:
        return LlamaServer.name if self.tools else LibraryPeer.name

    def peer(self, *, n_ctx: int = 4096, n_slots: int = 1) -> LlamaServer | LibraryPeer:
        """llama-server, or its stand-in; a context manager."""
        if self.tools is None:
            return LibraryPeer(
                self.model, n_ctx=n_ctx, n_slots=n_slots, n_threads=self.n_threads
            )
        return LlamaServer(
            self.tools.server,
            self.model,
            n_ctx=n_ctx,
            n_slots=n_slots,
            n_threads=self.n_threads,
        )
