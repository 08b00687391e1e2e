"""A program in a terminal of its own: press keys, read what shows."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import termios
import time

import pytest


class Terminal:
    """A program, and what its terminal shows.

    Attributes:
        shown: What was not waited for yet.
        seen: All that was shown.
        orders: All that was written, with what a terminal obeys.
        modes: How the terminal treats keys; it begins with `first_modes`.
    """

    def __init__(
        self,
        home: dict[str, str],
        command: list[str],
        *,
        size: tuple[int, int] = (24, 80),
    ) -> None:
        self._keys, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, size)
        env = home | {"TERM": "xterm-256color"}
        self._process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)
        os.set_blocking(self._keys, False)
        self.shown = self.seen = self.orders = ""
        self.first_modes = self.modes

    def wait_for(self, text: str) -> str:
        """What is shown until `text` appears."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            self._read()
            if (at := self.shown.find(text)) >= 0:
                before, self.shown = self.shown[:at], self.shown[at + len(text) :]
                return before
            time.sleep(0.02)
        pytest.fail(f"no {text!r} in {self.shown!r}")

    def _read(self) -> None:
        try:
            new = os.read(self._keys, 65536).decode(errors="replace")
        except OSError:
            return
        if "\x1b[6n" in new:  # where is the cursor?
            self.press("\x1b[1;1R")
        self.orders += new
        plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", new)
        self.shown += plain
        self.seen += plain

    @property
    def modes(self) -> list[object]:
        return termios.tcgetattr(self._keys)

    @property
    def hides_cursor(self) -> bool:
        """Whether a terminal would be without a cursor now."""
        return self.orders.rfind("\x1b[?25l") > self.orders.rfind("\x1b[?25h")

    def send(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._keys, keys.encode())

    def wait_until_gone(self) -> int:
        """Read what it still shows until it ended; its exit code."""
        end = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < end:
            self._read()
            time.sleep(0.02)
        self._read()
        return self._process.wait(0)

    def hang_up(self) -> None:
        """Close the terminal, and wait until the program ended."""
        os.close(self._keys)
        self._process.wait(30)
        self._keys = -1

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        if self._keys >= 0:
            os.close(self._keys)


def _take_terminal() -> None:
    import fcntl

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
