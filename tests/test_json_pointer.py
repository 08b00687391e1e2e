from __future__ import annotations

from functools import reduce
from typing import Any

import pytest

from hermes_gguf.json_pointer import escape_token, split_pointer, step_into

#: The document of RFC 6901, section 5.
DOCUMENT: dict[str, Any] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_pointers_of_the_rfc_find_what_it_says(pointer, value):
    assert reduce(step_into, split_pointer(pointer), DOCUMENT) == value


@pytest.mark.parametrize("key", ["", "a/b", "m~n", "~1", "~01", "/~", 3])
def test_an_escaped_token_is_split_off_as_it_was(key):
    assert split_pointer(f"/x/{escape_token(key)}") == ["x", str(key)]


@pytest.mark.parametrize(
    "pointer",
    ["/no", "/foo/2", "/foo/-1", "/foo/-", "/foo/00", "/foo/²", "/foo/٣", "/foo/0/0"],
)
def test_a_pointer_to_nothing_is_a_lookup_error(pointer):
    with pytest.raises(LookupError):
        reduce(step_into, split_pointer(pointer), DOCUMENT)
