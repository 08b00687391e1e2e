"""What models write around calls and reasoning: tags, fences, separators.

The tags that Hermes was trained on are in `tags`; here stand their pairs, the
variants that have been seen, and what may stand between.
"""

from __future__ import annotations

import re

from .. import tags

#: Opening tag of reasoning → closing tag.
REASONING = {
    tags.THINK_OPEN: tags.THINK_CLOSE,
    tags.SCRATCH_PAD_OPEN: tags.SCRATCH_PAD_CLOSE,
    "<scratchpad>": "</scratchpad>",
}
#: What models write that were badly prompted. Source: llama.cpp's former Hermes 2
#: Pro handler.
LENIENT_WRAPPERS = {
    "<function_call>": "</function_call>",
    "<tool>": "</tool>",
    "<tools>": "</tools>",
}
#: A model that goes on to invent its own tool results has said all it had to say.
TOOL_RESULT_TAGS = (tags.TOOL_RESPONSE_OPEN, "<tool_results>")

#: Inside of a block: what is skipped before its first call, and between calls.
BEFORE_FIRST_CALL = re.compile(r"(?:[\s\[]|```(?:json|JSON|xml|python)?(?=[\s\[{]))+")
BETWEEN_CALLS = re.compile(r"[\s,;\[\]}`]+")
UNFINISHED_FENCE = re.compile(r"`{1,3}\w{0,6}\Z")
#: A turn without tags: how a bare call may begin, and what may follow it.
LEADING_SPACE = re.compile(r"\s+")
BARE_START = re.compile(r"(?=\{)")
FENCED_BARE_START = re.compile(r"(?:```(?:json|JSON)?\s{0,9})?(?=\{)")
UNFINISHED_FENCED_START = re.compile(r"`{1,3}\w{0,4}\s{0,9}\Z")
AFTER_BARE = re.compile(r"(?:[\s`]|" + "|".join(map(re.escape, tags.TURN_ENDS)) + ")+")
UNFINISHED_TURN_END = re.compile(r"<(?:\|\w{0,11}\|?)?\Z")
