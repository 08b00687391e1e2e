"""Small talk of the test split: what a person says without any tool in mind."""

from __future__ import annotations

_ASKED = """
what's your favourite colour
tell me about volcanoes
i had pasta for lunch today
do you dream at night
my dog is asleep on the sofa
who was the first person on the moon
it was nice to talk with you
how do plants make oxygen
i can't sleep
why do cats purr
that made my day
what would you do on a holiday
nice to meet you
i just finished a great book
can you believe it is already friday
give me a compliment
what is the longest river
sorry, i was distracted
i appreciate it
you there, hermes
how many legs does a spider have
describe yourself in one sentence
i am learning to cook
explain gravity in simple words
what's the point of poetry
"""

#: In the form of `smalltalk.TOPICS`; the answer is not compared.
UNSEEN_TALK: tuple[tuple[list[str], list[str]], ...] = (
    (_ASKED.strip().splitlines(), ["I am only a demonstration model."]),
)
