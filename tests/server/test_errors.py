"""Every error of the package has a status at the HTTP door."""

from __future__ import annotations

import pytest

from hermes_gguf import errors
from hermes_gguf.server.errors import STATUS_TABLE


def every_error(root: type) -> list[type]:
    return [root, *(e for sub in root.__subclasses__() for e in every_error(sub))]


@pytest.mark.parametrize("kind", every_error(errors.HermesError))
def test_every_error_class_is_mapped_more_closely_than_the_root(kind):
    mapped = [base for base in kind.__mro__ if base in STATUS_TABLE]
    assert mapped
    assert kind is errors.HermesError or mapped[0] is not errors.HermesError
