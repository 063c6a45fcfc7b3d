"""The messages to fetch again are those that Chatwoot has and the application lost."""

from firstwatch.probe import Moment
from probes import backfill
from probes.backfill import Lost
from tests.probes.application import LAUNCH, MINUTE, NOW, Application
from tests.probes.toy_chatwoot import opened, running

MOMENT = Moment(NOW, LAUNCH)


def written(number: int, age: float, kind: int = 0) -> dict[str, object]:
    """A message as Chatwoot has it."""
    return {"id": number, "message_type": kind, "created_at": NOW - age, "private": False}


async def test_both_witnesses_together_name_every_lost_message_once(app: Application) -> None:
    company = await app.company("A")
    conversation = await app.thread(company, age=30 * MINUTE)
    await app.received(company, conversation, 1, age=20 * MINUTE)
    await app.event(company, 2, age=15 * MINUTE, talk=7)
    conversations = {
        1: {
            7: [
                written(1, 20 * MINUTE),
                written(2, 15 * MINUTE),
                written(3, 10 * MINUTE),  # its webhook failed: no event, no message
                written(4, 5),  # still on its way
                written(5, 10 * MINUTE, kind=1),
                written(6, 30 * 3600),  # before the launch
            ]
        }
    }
    async with running(conversations=conversations) as chatwoot:
        probe = opened(chatwoot, accounts=[{"account": 1, "company": company}])
        arrived = await backfill.arrived(app.asked, MOMENT)
        others, left_out = await backfill.never_arrived(probe, app.asked, MOMENT)
    assert left_out == 0
    assert [(lost.message, lost.known_from) for lost in arrived] == [("2", "webhook")]
    assert {lost.message for lost in others} == {"2", "3"}
    found = backfill.together(arrived, others)
    assert [backfill.as_row(lost)[1:] for lost in found] == [
        ("A", company, "1", "7", "2", "webhook"),
        ("", company, "1", "7", "3", "Chatwoot"),
    ]


async def test_nothing_lost_is_an_empty_list(app: Application) -> None:
    company = await app.company("A")
    await app.received(company, await app.thread(company), 1, age=5 * MINUTE)
    assert await backfill.arrived(app.asked, MOMENT) == []


def test_no_cell_of_the_list_is_a_formula() -> None:
    lost = Lost(NOW, "=HYPERLINK(1)", "+c", "", "-7", "@9", "webhook")
    assert backfill.as_row(lost)[1:6] == ("'=HYPERLINK(1)", "'+c", "", "'-7", "'@9")
