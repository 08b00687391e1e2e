"""Every error of the package has a status at the HTTP door."""

from __future__ import annotations

import json

import pytest

from hermes_gguf import errors
from hermes_gguf.server.errors import STATUS_TABLE, to_wire


def every_error(root: type) -> list[type]:
    return [root, *(e for sub in root.__subclasses__() for e in every_error(sub))]


@pytest.mark.parametrize("kind", every_error(errors.HermesError))
def test_every_error_class_is_mapped_more_closely_than_the_root(kind):
    mapped = [base for base in kind.__mro__ if base in STATUS_TABLE]
    assert mapped
    assert kind is errors.HermesError or mapped[0] is not errors.HermesError


def test_an_error_that_quotes_half_a_surrogate_pair_can_be_sent():
    body = to_wire(errors.OptionError("\ud800", "is no \udfff"))
    text = json.dumps(body, ensure_ascii=False).encode()
    assert rb"\\ud800" in text
    assert rb"\\udfff" in text
