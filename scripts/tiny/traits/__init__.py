"""Fields of JSON mode: a name, the kind of its value, and sentences that tell it.

In a sentence `{s}` is the subject (a person, a product, an event), `{}` the value. A
`bool` has sentences that mean true, then `~`, then those that mean false.
"""

from .everyday import EVERYDAY
from .figures import FIGURES
from .names import NAMES
from .told import TOLD

TRAITS = (*EVERYDAY, *NAMES, *FIGURES, *TOLD)
