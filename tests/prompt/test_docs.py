"""docs/prompts.md tells of every style."""

from __future__ import annotations

import pytest

from hermes_gguf.prompt import PROMPT_STYLES, PromptStyle
from tests.support.shared import ROOT


@pytest.mark.parametrize("style", PROMPT_STYLES.values(), ids=lambda style: style.name)
def test_every_style_has_a_row_with_its_key_order(style: PromptStyle) -> None:
    text = (ROOT / "docs" / "prompts.md").read_text("utf-8")
    rows = [row for row in text.splitlines() if row.startswith(f"| `{style.name}` |")]
    order = "arguments, name" if style.arguments_first else "name, arguments"
    assert len(rows) == 1
    assert order in rows[0]
