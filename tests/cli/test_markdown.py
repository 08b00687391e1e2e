"""Markdown that grows on a terminal: what is final, what is shown, and how often."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from hermes_gguf.cli.markdown import Block, finished_blocks
from hermes_gguf.cli.render import TurnView
from hermes_gguf.events import TextDelta

LONG_CODE = "```python\n" + "\n".join(f"print({n})" for n in range(90)) + "\n```\n"


def console(height: int = 24) -> Console:
    return Console(file=io.StringIO(), width=60, height=height, force_terminal=True)


def drawn(text: str, **options: bool) -> str:
    quiet = Console(file=io.StringIO(), width=60, height=24)
    quiet.print(Block(text, **options))
    return "\n".join(line.rstrip() for line in quiet.file.getvalue().splitlines())


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("one\n\ntwo", ""),
        ("one\n\ntwo\n", "one\n\n"),
        ("one\ntwo\n", ""),
        ("```\na\n\nb\n", ""),
        ("```\na\n\nb\n```\n\nc\n", "```\na\n\nb\n```\n\n"),
        ("- a\n\n  still a\n\n- b\n", ""),
        ("- a\n- b\n\nc\n", "- a\n- b\n\n"),
        ("one\r\n\r\ntwo\r\n", "one\r\n\r\n"),
        ("text\n#tag", ""),
        ("", ""),
    ],
)
def test_all_top_level_blocks_but_the_last_are_final(text, done):
    assert text[: finished_blocks(text)] == done


@given(st.text(alphabet="a-#`>|1.* \n", max_size=40), st.text(alphabet="a-#` \n"))
def test_what_is_final_stays_final(text, more):
    assert finished_blocks(text + more) >= finished_blocks(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("use <div> here", "use <div> here"),
        ("<p>hello</p>", "<p>hello</p>"),
        ("[the page](http://a.b)", "the page (http://a.b)"),
        ("<http://a.b>", "<http://a.b>"),
        ("![a cat](http://a.b/cat.png)", "!a cat (http://a.b/cat.png)"),
        ("[1]: http://a.b", "[1]: http://a.b"),
        ("roses are red\nviolets are blue", "roses are red\nviolets are blue"),
        ("1. a\n\n   more of a\n\n2. b", " 1 a\n   more of a\n 2 b"),
    ],
)
def test_nothing_that_was_written_is_left_out(text, seen):
    assert drawn(text) == seen


def test_blocks_keep_their_distance_and_begin_without_an_empty_line():
    assert drawn("- a") == " • a"
    assert drawn("- a", gap=True) == "\n • a"


@pytest.mark.parametrize("text", [LONG_CODE, "\n".join(f"- {n}" for n in range(90))])
def test_what_still_grows_is_never_taller_than_the_terminal(text):
    lines = drawn(text, fits=True).splitlines()
    assert 15 < len(lines) <= 22
    assert "89" in "".join(lines[-3:])


def test_a_long_answer_stands_once_on_the_screen():
    """Rows that scrolled away cannot be erased: they would stay there as copies."""
    screen = console()
    view = TurnView(screen)
    text = "Look:\n\n" + LONG_CODE + "\nThat is all.\n"
    for at in range(0, len(text), 7):
        view.feed(TextDelta(text[at : at + 7]))
    view.close()
    written = screen.file.getvalue()
    # Everything after an erasure of the whole growing part is final.
    lines = _visible(written)
    assert [line for line in lines if line.startswith("Look")] == ["Look:"]
    assert sum("print" in line for line in lines) == 90
    assert lines[-1] == "That is all."


def _visible(written: str) -> list[str]:
    """What a terminal of 24 rows keeps of the output, scrolled rows included."""
    import re

    rows, at, top = [""], 0, 0
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\n|\r)", written):
        if part == "\n":
            at += 1
            rows += [""] * (at + 1 - len(rows))
            top = max(top, len(rows) - 24)
        elif part.endswith("A") and part.startswith("\x1b"):
            at = max(top, at - int(part[2:-1] or 1))
        elif part == "\x1b[2K":
            rows[at] = ""
        elif part and not part.startswith("\x1b") and part != "\r":
            rows[at] += part
    return [row.rstrip() for row in rows if row.strip()]


def test_a_terminal_is_not_told_what_to_do_by_a_model():
    screen = console()
    view = TurnView(screen)
    view.feed(TextDelta("a \x1b]0;renamed\x07 title\r"))
    view.feed(TextDelta("\n"))
    view.close()
    assert "\x1b]0;" not in screen.file.getvalue()
    assert r"a \x1b]0;renamed\x07 title" in screen.file.getvalue()
    assert r"\x0d" not in screen.file.getvalue()


#: What a program that writes for people would replace, colour, expand or drop.
_TEMPTING = ":smile: 5:100:3 [red]a[/] [link=x] \t \r\n \x1b[31m \x07 123 'x' é 🙂 \\["


@given(st.lists(st.sampled_from([*_TEMPTING.split(" "), " ", "a" * 90]), max_size=12))
def test_a_pipe_gets_the_very_text(parts):
    pipe = Console(file=io.StringIO())
    view = TurnView(pipe)
    for part in parts:
        view.feed(TextDelta(part))
    view.close()
    text = "".join(parts)
    end = "\n" if text and not text.endswith("\n") else ""
    assert pipe.file.getvalue() == text + end


def test_a_terminal_without_markdown_shows_colons_as_they_are():
    screen = console()
    view = TurnView(screen, markdown=False)
    view.feed(TextDelta("mixed 5:100:3 :smile:"))
    view.close()
    assert screen.file.getvalue() == "mixed 5:100:3 :smile:\n"
