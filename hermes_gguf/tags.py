"""The literal tags of the Hermes prompt formats, each spelled once.

This file knows spellings only: where a tag may stand is the business of
`prompt` (writing it) and `parsing` (reading it).

Source: model card of NousResearch/Hermes-2-Pro-Llama-3-8B and the `tool_use`
chat template in its tokenizer_config.json.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

#: The two ways in which Hermes models open and close turns.
DialectName: TypeAlias = Literal["chatml", "llama3"]
DIALECT_NAMES: Final[tuple[DialectName, ...]] = get_args(DialectName)

IM_START = "<|im_start|>"
IM_END = "<|im_end|>"

BEGIN_OF_TEXT = "<|begin_of_text|>"
END_OF_TEXT = "<|end_of_text|>"
START_HEADER = "<|start_header_id|>"
END_HEADER = "<|end_header_id|>"
EOT = "<|eot_id|>"

TOOLS_OPEN, TOOLS_CLOSE = "<tools>", "</tools>"
TOOL_CALL_OPEN, TOOL_CALL_CLOSE = "<tool_call>", "</tool_call>"
TOOL_RESPONSE_OPEN, TOOL_RESPONSE_CLOSE = "<tool_response>", "</tool_response>"
SCHEMA_OPEN, SCHEMA_CLOSE = "<schema>", "</schema>"

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
SCRATCH_PAD_OPEN, SCRATCH_PAD_CLOSE = "<scratch_pad>", "</scratch_pad>"

#: Text that ends a turn in one dialect or another; never part of an answer.
TURN_ENDS = (IM_END, EOT, END_OF_TEXT)
