"""A file is the old one or the new one, whatever the disk does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hermes_gguf.files import expand, read_text, write_atomically
from tests.support.full_disk import full_disk


@pytest.mark.parametrize("after_bytes", [0, 5, 9])
def test_a_full_disk_costs_the_new_file_only(tmp_path: Path, after_bytes: int) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, [b"old"])
    with (
        full_disk(after_bytes=after_bytes),
        pytest.raises(OSError, match="too large") as caught,
    ):
        write_atomically(path, [b"01234", b"56789"])
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_link_stays_one_and_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    write_atomically(real, [b"old"])
    assert real.stat().st_mode & 0o777 == 0o600
    real.chmod(0o640)
    link.symlink_to(real)
    write_atomically(link, [b"new"])
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    write_atomically(Path(f"/dev/fd/{writing}"), [b"new"])
    assert os.read(reading, 10) == b"new"
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xc3\xa9\n", "café\n"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café"),
        ("\ufeffcafé 🙂".encode("utf-16-le"), "café 🙂"),
        ("\ufeffcafé 🙂".encode("utf-16-be"), "café 🙂"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        ("\ufeffa\r\nb".encode("utf-16-le"), "a\nb"),
        (b"a\0b", "a\0b"),
        (b"", ""),
    ],
)
def test_what_a_person_wrote_is_read_as_it_was_meant(
    data: bytes, text: str, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(data)
    assert read_text(tmp_path / "a") == text


@pytest.mark.parametrize("data", [b"caf\xe9", b"\xff\xfea"])
def test_what_is_no_text_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "a")


def test_a_home_that_nobody_has_names_no_file() -> None:
    assert expand("~/a") == Path.home() / "a"
    assert expand("~nobody-has-this-name/a") == Path("~nobody-has-this-name/a")
