"""A refusal explains itself: its docstring is its message, its code is stable."""

from fieldbeat.kit.refusal import Forbidden, Invalid, NotFound, Outage, Refusal


class SlotTaken(Refusal):
    """Another visit of this rep
    overlaps the slot."""

    code = "SLOT_TAKEN"


def test_the_docstring_is_the_message_on_one_line() -> None:
    refused = SlotTaken(fields=("window",))
    assert (refused.code, refused.message, refused.fields) == (
        "SLOT_TAKEN", "Another visit of this rep overlaps the slot.", ("window",),
    )  # fmt: skip
    assert str(refused) == refused.message
    assert SlotTaken("Between nine and ten.").message == "Between nine and ten."


def test_the_codes_of_all_floors_are_those_of_the_contract() -> None:
    assert [kind.code for kind in (Invalid, Forbidden, NotFound)] == ["INVALID", "FORBIDDEN", "NOT_FOUND"]


def test_an_outage_says_when_to_come_back() -> None:
    assert Outage(retry_after_ms=250).retry_after_ms == 250
    assert not isinstance(Outage(), Refusal)
