"""Acts on Chatwoot, on WhatsApp behind it, and on the people at both ends."""

from typing import Final

from rehearsal.chatwoot import SEARCHES, Token
from rehearsal.levers import Act, Levers
from rehearsal.moments import midnight, naive
from rehearsal.talks import EVENTS, PARKED, ROUTE, Hook
from rehearsal.whatsapp import WhatsApp

_RESET: Final = 'UPDATE "WhatsAppNumber" SET "messagesSentToday" = 0'
_COUNT_AGAIN: Final = """UPDATE "WhatsAppNumber" n SET "messagesSentToday" = q."sentCount"
    FROM "QuotaLog" q WHERE q."whatsappNumberId" = n."id" AND q."date" = '{today}'"""
_RAISE_LIMITS: Final = (
    'UPDATE "WhatsAppNumber" SET "dailyLimit" = greatest("dailyLimit", 2000), "warmupWeek" = 4'
)
_MESSAGES: Final = ("message_created", "message_updated")


def quiet(*, is_quiet: bool) -> Act:
    """Whether nobody writes."""

    async def act(production: Levers) -> None:
        production.traffic.is_quiet = is_quiet

    return act


def campaign_day(*, is_on: bool) -> Act:
    """Whether campaigns go out every few minutes."""

    async def act(production: Levers) -> None:
        production.traffic.is_campaign_day = is_on

    return act


async def raise_limits(production: Levers) -> None:
    """The numbers are warmed up: they may send 2 000 messages a day, for good."""
    await production.execute(_RAISE_LIMITS)


def campaign(size: int) -> Act:
    """Let every tenant begin a campaign to so many customers."""

    async def act(production: Levers) -> None:
        production.traffic.campaign(size)

    return act


async def overlap(production: Levers) -> None:
    """Let every tenant's campaign be sent by three dispatchers at once."""
    production.traffic.overlap()


async def reset_quota(production: Levers) -> None:
    """Set the counters to nothing at any hour, and leave the log of the day alone."""
    await production.execute(_RESET)


async def count_again(production: Levers) -> None:
    """Set the counters to what the log of the day says."""
    today = naive(midnight(production.clock.now()))
    await production.execute(_COUNT_AGAIN.format(today=today))


def newcomers_in_twos(newcomers: int) -> Act:
    """Let new customers come who send two messages in one moment."""

    async def act(production: Levers) -> None:
        production.traffic.come_in_twos(newcomers)

    return act


def answer_dormant(*, is_on: bool) -> Act:
    """Whether agents write to customers who have long stopped writing."""

    async def act(production: Levers) -> None:
        production.traffic.answers_dormant = is_on

    return act


async def unsubscribe(production: Levers) -> None:
    """Take the messages out of every webhook's events; the others still come."""
    left = tuple(event for event in EVENTS if event not in _MESSAGES)
    for account in production.chatwoot.accounts.values():
        for hook in account.hooks:
            hook.subscriptions = left


async def park_hooks(production: Levers) -> None:
    """Pause every webhook as one has to: on an event that never comes."""
    for account in production.chatwoot.accounts.values():
        for hook in account.hooks:
            hook.subscriptions = PARKED


async def delete_hooks(production: Levers) -> None:
    """Delete every webhook."""
    for account in production.chatwoot.accounts.values():
        account.hooks.clear()


async def move_hooks(production: Levers) -> None:
    """Let every webhook point where the application has no route."""
    for account in production.chatwoot.accounts.values():
        for hook in account.hooks:
            hook.path = hook.path.replace(ROUTE, "/api/webhook/chatwoot")


async def double_hooks(production: Levers) -> None:
    """Give every account a second webhook to the same route."""
    for account in production.chatwoot.accounts.values():
        first = account.hooks[0]
        account.hooks.append(Hook(first.id + 100, f"{first.path}&v=2", first.subscriptions))


async def restore_hooks(production: Levers) -> None:
    """Every account has the one webhook it had at the launch."""
    for account in production.chatwoot.accounts.values():
        account.restore_hooks()


def token(good_for: Token) -> Act:
    """What the access tokens are still good for."""

    async def act(production: Levers) -> None:
        production.chatwoot.token = good_for

    return act


def searches(left: int = SEARCHES) -> Act:
    """How many contacts an account may search in a minute."""

    async def act(production: Levers) -> None:
        production.chatwoot.searches = left

    return act


def mirror(*, is_on: bool) -> Act:
    """Whether the tenants' numbers are connected to Evolution as well."""

    async def act(production: Levers) -> None:
        production.chatwoot.is_mirrored = is_on

    return act


async def log_out(production: Levers) -> None:
    """WhatsApp does not know the inbox's token any more."""
    production.chatwoot.whatsapp.is_logged_out = True


def downgrade(quality: str, status: str, held_back: float) -> Act:
    """WhatsApp thinks less of the numbers and refuses a share of what they send."""

    async def act(production: Levers) -> None:
        production.chatwoot.whatsapp.downgrade(quality, status, held_back)

    return act


async def restore_whatsapp(production: Levers) -> None:
    """The numbers are as good as at the launch."""
    production.chatwoot.whatsapp = WhatsApp()


async def take_down(production: Levers) -> None:
    """Chatwoot answers nothing; Meta keeps what customers write."""
    production.chatwoot.is_down = True


async def halt_queue(production: Levers) -> None:
    """Chatwoot's webhooks wait in a queue that nobody works on."""
    production.chatwoot.is_queueing = True


async def resume(production: Levers) -> None:
    """Chatwoot is there and works off its queue."""
    production.chatwoot.resume()
