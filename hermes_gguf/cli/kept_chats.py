"""Chats that keep themselves: what was said at a terminal is found again.

One file a chat, in the form of /save, for its person only; the newest stay. It knows
files and when they were written, not when a chat changes.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import HermesError
from ..files import date_last, written_at_ns
from ..places import state_folder

if TYPE_CHECKING:
    from ..chat.conversation import Conversation

_OWN_NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{6}-[0-9a-f]{4}\.json")


@dataclass(frozen=True, slots=True)
class KeptChat:
    """A chat that can be gone on with.

    Attributes:
        path: Its file.
        used_at_s: When it was last written, seconds since the epoch.
        n_turns: How often the person spoke.
        title: What the person said first.
    """

    path: Path
    used_at_s: float
    n_turns: int
    title: str


class ChatKeeper:
    """Keeps the chat of one terminal, and finds the others.

    Attributes:
        folder: Where chats lie.
    """

    def __init__(self, folder: Path, *, most: int) -> None:
        """Prepare to keep.

        Args:
            folder: Where chats lie; it need not exist.
            most: How many stay there; with 0 none is written, and none removed.
        """
        self.folder = folder
        self._most = most
        self._path: Path | None = None
        self._written: dict[str, Any] = {}
        self._written_at_ns = 0

    @property
    def keeps(self) -> bool:
        """Whether anything is kept at all."""
        return self._most > 0

    @property
    def is_kept(self) -> bool:
        """Whether this chat lies in a file."""
        return self._path is not None

    def keep(self, conversation: Conversation) -> None:
        """Write the chat, where it changed since it was written last.

        Raises:
            OSError: the disk refuses; what was there stays.
        """
        data = conversation.to_json()
        if not self.keeps or data == self._written:
            return
        if not conversation.messages:
            self._take_back()
            return
        path = self._own_path()
        self.folder.mkdir(parents=True, exist_ok=True)
        conversation.save(path)
        date_last(path, self._files())
        self._hold(path, data)
        self._remove_old()

    def begin_anew(self) -> None:
        """What is said from now on is another chat; the file of this one stays."""
        self._path, self._written, self._written_at_ns = None, {}, 0

    def go_on(self, chat: KeptChat, conversation: Conversation) -> None:
        """Go on with an earlier chat, in its file.

        Raises:
            OSError: it went.
            HermesError: it is no conversation any more.
        """
        conversation.load(chat.path)
        self._hold(chat.path, conversation.to_json())

    def last_file(self) -> Path | None:
        """The file of the chat that was written last, whether it can be read or not."""
        return next(self._own_files(), None)

    def others(self) -> list[KeptChat]:
        """The other chats, the last used first; files that are none are left out."""
        found = []
        for path in self._files():
            if path != self._path:
                with suppress(OSError, HermesError):
                    found.append(_read(path))
        return found

    def _remove_old(self) -> None:
        """Make room; what a person gave another name is the person's."""
        others = [path for path in self._own_files() if path != self._path]
        for old in others[self._most - 1 :]:
            old.unlink(missing_ok=True)

    def _take_back(self) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.begin_anew()

    def _own_path(self) -> Path:
        """The chat's file; a new one if another terminal went on with it as well."""
        if self._path is not None and written_at_ns(self._path) == self._written_at_ns:
            return self._path
        begun = time.strftime("%Y-%m-%d-%H%M%S")
        return self.folder / f"{begun}-{secrets.token_hex(2)}.json"

    def _hold(self, path: Path, data: dict[str, Any]) -> None:
        self._path, self._written = path, data
        self._written_at_ns = written_at_ns(path)

    def _own_files(self) -> Iterator[Path]:
        return (path for path in self._files() if _OWN_NAME.fullmatch(path.name))

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.json"), key=written_at_ns, reverse=True)


def chats_folder() -> Path:
    """Where chats keep themselves."""
    return state_folder() / "chats"


def _read(path: Path) -> KeptChat:
    """What a person knows a chat by.

    Raises:
        OSError: the file went, or cannot be read.
        HermesError: it holds no conversation.
    """
    from ..chat.feedback import turn_starts
    from ..chat.saved import load_messages

    messages = load_messages(path)
    turns = turn_starts(messages)
    title = messages[turns[0]].content if turns else ""
    return KeptChat(path, path.stat().st_mtime, len(turns), " ".join(title.split()))
