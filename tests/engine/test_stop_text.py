from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermes_gguf.engine.llama.stop_text import TextAssembler


def assemble(
    data: bytes, cuts: list[int], stop: tuple[str, ...], until: str = ""
) -> tuple[str, bool]:
    assembler = TextAssembler(stop, until=until)
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    parts = [assembler.feed(data[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    return "".join([*parts, assembler.flush()]), assembler.stopped


@pytest.mark.parametrize("n_bytes", [1, 3, 99])
def test_it_is_known_which_stop_text_came(n_bytes):
    assembler = TextAssembler(("Bob:", "Ann:", "Eve:"))
    data = b"Hi. Ann: no. Bob: yes."
    for at in range(0, len(data), n_bytes):
        assembler.feed(data[at : at + n_bytes])
    assert assembler.stop_text == "Ann:"


@given(
    st.text(alphabet="ab<é🙂", max_size=30),
    st.lists(st.integers(0, 99)),
    st.lists(st.text(alphabet="ab<é🙂", min_size=1, max_size=4), max_size=3),
)
def test_text_ends_before_the_first_stop_text_however_it_is_cut(text, cuts, stop):
    ends = [at for s in stop if (at := text.find(s)) >= 0]
    out, stopped = assemble(text.encode(), cuts, tuple(stop))
    assert stopped == bool(ends)
    if ends and not _overlapping(stop):
        assert out == text[: min(ends)]
    elif not ends:
        assert out == text


def _overlapping(stop: list[str]) -> bool:
    # Of two stop texts that overlap, the one that completes first wins.
    return len(stop) > 1


@given(
    st.text(alphabet="ab<é", max_size=30),
    st.lists(st.integers(0, 99)),
    st.text(alphabet="ab<é", min_size=1, max_size=4),
)
def test_no_stop_text_counts_from_until_on_however_it_is_cut(text, cuts, stop):
    before = text.partition("<ab")[0]
    out, stopped = assemble(text.encode(), cuts, (stop,), "<ab")
    assert stopped == (stop in before)
    assert out == (text[: text.index(stop)] if stopped else text)


@given(st.binary(max_size=40), st.lists(st.integers(0, 99)))
def test_any_bytes_become_text_however_they_are_cut(data, cuts):
    # Bytes that end too early, as those of a cut emoji do, are no part of it.
    wanted = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
    assert assemble(data, cuts, ())[0] == wanted


@pytest.mark.parametrize("stop", [(), ("\n\n",)])
def test_an_answer_that_is_cut_inside_an_emoji_ends_before_it(stop):
    for length in (1, 2, 3):
        assert assemble(b"Hi \n" + "🙂".encode()[:length], [], stop)[0] == "Hi \n"


@pytest.mark.parametrize(
    ("fed", "shown"),
    [
        ([b"Hi", b"\n\n", b"User:"], ["Hi", "", ""]),
        ([b"Hi\n", b"you"], ["Hi", "\nyou"]),
        ([b"\xf0\x9f", b"\x99\x82"], ["", "🙂"]),
    ],
)
def test_text_that_may_become_a_stop_text_is_withheld(fed, shown):
    assembler = TextAssembler(("\n\nUser:",))
    assert [assembler.feed(piece) for piece in fed] == shown
