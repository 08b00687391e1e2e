"""Who is being served, and for how long nobody was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Attendance:
    """Counts the requests that are here; for one event loop."""

    def __init__(self) -> None:
        self._n_here = 0
        self._empty_since_s = time.monotonic()
        self._somebody = asyncio.Event()
        self._nobody = asyncio.Event()
        self._nobody.set()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Somebody is here for as long as the block runs."""
        self._n_here += 1
        self._somebody.set()
        self._nobody.clear()
        try:
            yield
        finally:
            self._n_here -= 1
            if not self._n_here:
                self._empty_since_s = time.monotonic()
                self._somebody.clear()
                self._nobody.set()

    async def somebody(self) -> None:
        """Wait until somebody is here."""
        await self._somebody.wait()

    async def nobody_for(self, seconds: float) -> None:
        """Wait until nobody was here for so long; at the return nobody is."""
        while True:
            await self._nobody.wait()
            left_s = self._empty_since_s + seconds - time.monotonic()
            if not self._n_here and left_s <= 0:
                return
            await asyncio.sleep(max(left_s, 0))
