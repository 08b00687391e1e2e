"""What grows at the screen's end goes without a trace, however the window changes."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from hermes_gguf.cli.drawing import Drawing
from hermes_gguf.cli.render import TurnView
from hermes_gguf.cli.screen import Screen
from hermes_gguf.events import TextDelta

from .test_chat_terminal import CHAT

#: A cell that nobody wrote on, or that was erased.
_EMPTY = "\0"


class BreakingTerminal(io.StringIO):
    """A terminal that breaks its lines anew when it gets another width."""

    def __init__(self) -> None:
        super().__init__()
        self.width = 0
        self.lines = [""]
        self._line = self._at = 0  # of the cursor: which line, behind which character
        self._waits = False

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\n|\r)", text):
            self._obey(part)
        return len(text)

    def _row(self) -> int:
        """The row of its line that the cursor is on; behind a letter it waits there."""
        return (self._at - self._waits) // self.width

    def _obey(self, part: str) -> None:
        line, start = self.lines[self._line], self._row() * self.width
        if not part:
            return
        self._waits = not part.startswith(("\x1b[2K", "\r", "\n")) and self._waits
        if part == "\n":
            self._line, self._at = self._line + 1, 0
            self.lines += [""] * (self._line + 1 - len(self.lines))
        elif part == "\r":
            self._at = start
        elif part == "\x1b[2K":
            rest = line[start + self.width :]
            self.lines[self._line] = line[:start] + _EMPTY * self.width + rest
        elif re.fullmatch(r"\x1b\[1?A", part):
            if start == 0:
                self._line -= 1
                self._at = len(self.lines[self._line].rstrip(_EMPTY))
                start = (max(self._at - 1, 0) // self.width + 1) * self.width
            self._at = start - self.width
        elif not part.startswith("\x1b"):
            behind = line[self._at + len(part) :]
            self.lines[self._line] = line[: self._at] + part + behind
            self._at += len(part)
            self._waits = True


WIDTHS = st.integers(10, 60)
TEXTS = st.lists(st.text("ab ", min_size=1, max_size=150), min_size=1, max_size=4)


@given(TEXTS, st.lists(WIDTHS, min_size=1, max_size=5), WIDTHS)
def test_what_is_drawn_can_be_taken_off_at_any_width(texts, widths, last):
    shown = BreakingTerminal()
    screen = Screen(file=shown)
    drawing = Drawing(screen)
    shown.width = widths[0]
    shown.write("before\n")
    for text, width in zip(texts * len(widths), widths, strict=False):
        shown.width = screen.width = width
        drawing.draw(Text(text))
    shown.width = screen.width = last
    drawing.end()
    shown.write("after")
    seen = [line.rstrip(_EMPTY) for line in shown.lines]
    assert [line for line in seen if line] == ["before", "after"]


def test_a_terminal_that_is_dumb_gets_the_text_as_it_comes(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    shown = BreakingTerminal()
    shown.width = 80
    view = TurnView(Screen(file=shown))
    for word in ("one ", "**two** ", "three"):
        view.feed(TextDelta(word))
    assert shown.lines == ["one **two** three"]
    view.close()
    assert shown.lines == ["one **two** three", ""]


class Tmux:
    """A program in a window of tmux, which breaks lines anew."""

    def __init__(self, socket: Path, command: list[str], env: dict[str, str]) -> None:
        self._base = ["tmux", "-S", str(socket), "-f", os.devnull]
        self._env = {k: v for k, v in env.items() if k not in ("TMUX", "COLUMNS")} | {
            "TERM": "xterm"
        }
        words = ["new-session", "-d", "-x", "100", "-y", "30", shlex.join(command)]
        self.run(*words)

    def run(self, *words: str) -> str:
        command = [*self._base, *words]
        return subprocess.run(
            command, env=self._env, capture_output=True, text=True, check=True
        ).stdout

    def wait_for(self, text: str) -> str:
        """All that was ever shown, once the text is there."""
        end = time.monotonic() + 60
        while text not in (shown := self._shown()):
            assert time.monotonic() < end, shown
            time.sleep(0.02)
        return shown

    def _shown(self) -> str:
        lines = self.run("capture-pane", "-p", "-J", "-S", "-").split("\n")
        return "\n".join(map(str.rstrip, lines))


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_window_made_narrow_in_the_middle_of_an_answer_shows_each_word_once(
    home, tmp_path
):
    words = " ".join(f"word{n:03}" for n in range(120))
    # tmux takes empty rows below for text: the screen is to be full, as it mostly is.
    full = "\n\n".join("line" for _ in range(40)) + "\n\nFull."
    script = repr(([full, f"{words}\n\nThat is all."], 0.02, "", 4096))
    window = Tmux(tmp_path / "t", [sys.executable, "-c", CHAT, script], home)
    try:
        window.wait_for("›")
        window.run("send-keys", "fill", "Enter")
        window.wait_for("Full.\n\n›")
        window.run("send-keys", "go", "Enter")
        for word, width in (("word030", 60), ("word060", 90), ("word080", 45)):
            shown = window.wait_for(word)
            assert "word119" not in shown, "it was too late to make it narrow"
            window.run("resize-window", "-x", str(width), "-y", "30")
        shown = window.wait_for("That is all.")
    finally:
        window.run("kill-server")
    assert re.findall(r"word\d+", shown) == words.split()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_ctrl_z_in_the_middle_of_an_answer_leaves_no_copy_and_erases_nothing(
    home, tmp_path
):
    words = " ".join(f"word{n:03}" for n in range(90))
    code = CHAT.replace('ends_by("SIGTERM", "SIGHUP")', "shows_cursor_when_stopped()")
    args = [sys.executable, repr(([f"{words}\n\nThat is all."], 0.02, "", 4096))]
    (tmp_path / "chat.py").write_text(
        "from hermes_gguf.cli.suspending import shows_cursor_when_stopped\n"
        f"import sys\nsys.argv = {args}\n{code}"
    )
    window = Tmux(tmp_path / "t", ["bash", "--norc"], home)
    try:
        window.run("send-keys", f"{sys.executable} {tmp_path}/chat.py", "Enter")
        window.wait_for("›")
        window.run("send-keys", "go", "Enter")
        assert "word089" not in window.wait_for("word020"), "it was too late to stop it"
        window.run("send-keys", "C-z")
        window.wait_for("Stopped")
        window.run("send-keys", "fg", "Enter")
        shown = window.wait_for("That is all.")
    finally:
        window.run("kill-server")
    *_, said = shown.partition("› go")
    assert re.findall(r"word\d+", said) == words.split()
    assert said.index("Stopped") < said.index("fg\n") < said.index("word000")
