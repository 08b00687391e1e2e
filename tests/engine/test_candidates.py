from __future__ import annotations

import pytest

from hermes_gguf.engine.llama.candidates import Candidates

TEXT = (
    "Dear Sirs, the invoice of Halvorsen Media is due on 3 May 2023. The invoice number"
    " is 2023-00417, for 36 hours at 135 EUR. Write to pay@halvorsen.example or call"
    " Ingrid Holm at the bank. The total was 4,860.50 EUR.\n"
    "Width: 45 cm\nDepth: 60 cm\nColor: light grey\nTools: saw, file and two hammers\n"
)


def best(written: str, *, begun: str = "", text: str = TEXT) -> str:
    found = Candidates(text.encode()).best(
        written.encode(), quoted=written.endswith('"'), begun=begun.encode()
    )
    return found.text.decode() if found else ""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('{"due_date": "', "3 May 2023"),
        ('{"invoice_number": "', "2023-00417"),
        ('{"hours": ', "36"),
        ('{"email": "', "pay@halvorsen.example"),
        ('{"total": ', "4860.50"),
        ('{"width_cm": ', "45"),
        ('{"depth_cm": ', "60"),
        ('{"color": "', "light grey"),
    ],
)
def test_the_value_is_near_the_words_of_its_key(written, value):
    assert best(written) == value


@pytest.mark.parametrize(
    "text",
    [
        "We met Ann Lee, the landlord, at the landlord club with Bo.",
        'Ann Lee (the "landlord") lets to the tenant the flat.',
        "Ann Lee, hereafter the landlord, lets a flat to the tenant.",
        "Bo Berg asked. Ann Lee is our landlord and near.",
    ],
)
def test_a_name_is_said_to_be_something_after_it(text):
    assert best('{"landlord": "', text=text) == "Ann Lee"


def test_what_was_copied_is_not_copied_again_and_order_counts():
    text = "Anna Lund met Bo Berg and Carl Dahl."
    assert best('{"people": ["', text=text) == "Anna Lund"
    assert best('{"people": ["Anna Lund", "', text=text) == "Bo Berg"


def test_what_is_begun_limits_the_choice():
    assert best('{"due_date": "', begun="In") == "Ingrid Holm"
    assert best('{"due_date": "', begun="Zo") == ""


def test_far_ahead_is_surer_than_near():
    sure = Candidates(b"Name: Anna Lund").best(b'{"name": "', quoted=True)
    torn = Candidates(b"Anna Lund met Bo Berg").best(b'{"x": "', quoted=True)
    assert sure is not None
    assert torn is not None
    assert sure.certainty > torn.certainty


def test_a_list_goes_on_after_its_items():
    found = Candidates(TEXT.encode())
    assert found.item_after(b"saw") == b"file"
    assert found.item_after(b"file") == b"two hammers"
    assert found.item_after(b"two hammers") == b""
    assert found.item_after(b"drill") == b""


@pytest.mark.parametrize("text", ["", "\n", '"', "é" * 40, "A " * 20_000, "1" * 30_000])
def test_any_request_is_read_in_a_moment(text):
    assert isinstance(best('{"name": "', text=text), str)
    assert isinstance(best('{"n": ', text=text), str)
