"""What can go wrong on purpose: named incidents, each a few acts on a timeline.

A scenario is a list of acts with the clock minutes after its cause at which they happen, and
the acts that cure it. Several may be active at once as long as they pull different levers.
"""

from typing import Final

from rehearsal.acts import application as app
from rehearsal.acts import database as db
from rehearsal.acts import messaging as msg
from rehearsal.chatwoot import Token
from rehearsal.levers import Scenario, Step

_NO_NUMBER: Final = 'UPDATE "Company" SET "whatsappBusinessNumber" = NULL'
_NUMBER_BACK: Final = """UPDATE "Company" c SET "whatsappBusinessNumber" = n."number"
    FROM "WhatsAppNumber" n WHERE n."companyId" = c."id" """
_NEARLY_USED_UP: Final = (
    'UPDATE "WhatsAppNumber" SET "dailyLimit" = greatest("messagesSentToday", 15) + 5'
)
_MIGRATION: Final = 'CREATE INDEX rehearsal_migration ON "Lead" ("status")'
_BLIND: Final = "REVOKE pg_monitor FROM firstwatch"
_SEEING: Final = "GRANT pg_monitor TO firstwatch"
SLOW_PATH: Final = "/api/auth/session"

_DAYS: Final = (
    Scenario("normal-day", "Nothing happens: steady traffic, everything is stored"),
    Scenario(
        "quiet-night",
        "Nobody writes, and Chatwoot counts nothing either",
        (Step(msg.quiet(is_quiet=True)),),
        (msg.quiet(is_quiet=False),),
    ),
    Scenario(
        "busy-campaign-day",
        "Campaigns every few minutes, all within their quotas",
        (Step(msg.raise_limits), Step(msg.campaign_day(is_on=True))),
        (msg.campaign_day(is_on=False),),
    ),
)
_WEBHOOKS: Final = (
    Scenario(
        "webhook-500-storm",
        "A bad deploy: every webhook is answered 500 and its message is lost",
        (Step(app.deploy(is_broken=True)),),
        (app.deploy(is_broken=False),),
    ),
    Scenario(
        "silent-loss",
        "The tenants' numbers are gone: every webhook is answered 200 and its message is lost",
        (Step(db.sql(_NO_NUMBER)),),
        (db.sql(_NUMBER_BACK),),
    ),
    Scenario(
        "webhook-unsubscribed",
        "The webhooks' messages are unsubscribed: other events still come",
        (Step(msg.unsubscribe),),
        (msg.restore_hooks,),
    ),
    Scenario(
        "webhooks-paused",
        "The webhooks are parked, as a rollback does: nothing comes, and nothing is queued",
        (Step(msg.park_hooks),),
        (msg.restore_hooks,),
    ),
    Scenario(
        "webhook-deleted",
        "The webhooks are deleted in Chatwoot: nothing comes any more",
        (Step(msg.delete_hooks),),
        (msg.restore_hooks,),
    ),
    Scenario(
        "webhook-moved",
        "The webhooks' address is changed to one the application does not know",
        (Step(msg.move_hooks),),
        (msg.restore_hooks,),
    ),
    Scenario(
        "second-webhook",
        "Every account gets a second webhook: each event is delivered twice",
        (Step(msg.double_hooks),),
        (msg.restore_hooks,),
    ),
)
_MESSAGES: Final = (
    Scenario(
        "evolution-echo",
        "The numbers are also connected to Evolution: what we send comes back as the customer's",
        (Step(msg.mirror(is_on=True)), Step(msg.campaign(3), minutes=2)),
        (msg.mirror(is_on=False),),
    ),
    Scenario(
        "duplicate-lead-race",
        "New customers send two messages at once: some become two leads",
        tuple(Step(msg.newcomers_in_twos(3), minutes=minute) for minute in (0, 1, 2, 4, 6)),
        passes=True,
    ),
    Scenario(
        "quota-overshoot",
        "Three dispatchers at once: customers get copies, and the quota is exceeded",
        (Step(db.sql(_NEARLY_USED_UP)), Step(msg.overlap)),
        passes=True,
    ),
    Scenario(
        "quota-drift",
        "Somebody resets the counters of the day by hand, after campaigns",
        (Step(msg.campaign(3)), Step(msg.reset_quota, minutes=1, seconds=1)),
        (msg.count_again,),
    ),
    Scenario(
        "token-expired",
        "Chatwoot's access tokens have expired: campaigns fail, and the watch is answered 401",
        (
            Step(msg.raise_limits),
            Step(msg.token(Token.EXPIRED)),
            *(Step(msg.campaign(4), minutes=minute) for minute in (1, 3, 6, 9)),
        ),
        (msg.token(Token.ADMINISTRATOR),),
    ),
    Scenario(
        "campaign-throttled",
        "A campaign searches more contacts than Chatwoot allows in a minute: the rest fails",
        (
            Step(msg.raise_limits),
            Step(msg.searches(8)),
            Step(msg.campaign(24), seconds=0.2),
        ),
        (msg.searches(),),
    ),
    Scenario(
        "whatsapp-logged-out",
        "WhatsApp's token has expired (190): nothing that is sent arrives",
        (Step(msg.log_out),),
        (msg.restore_whatsapp,),
    ),
    Scenario(
        "quality-downgrade",
        "Customers report the numbers as spam: 131048, yellow, then red",
        (
            Step(msg.downgrade("YELLOW", "FLAGGED", 0.4)),
            Step(msg.downgrade("RED", "RATE_LIMITED", 0.8), minutes=5),
        ),
        (msg.restore_whatsapp,),
    ),
    Scenario(
        "weekend-replies",
        "Agents answer what was written two days ago: 131047, the window is closed",
        (Step(msg.answer_dormant(is_on=True)),),
        (msg.answer_dormant(is_on=False),),
    ),
)
_DATABASE: Final = (
    Scenario(
        "pool-exhaustion",
        "Slow queries hold the application's pool: webhooks crawl, then they fail",
        (Step(app.hog(1, 2.6, 4)), Step(app.hog(8, 3.0, 6), minutes=4, seconds=8)),
        (db.release,),
    ),
    Scenario(
        "server-slots-full",
        "Sessions fill the server: 82 %, 96 %, then every slot, and new ones are refused",
        (
            Step(db.fill(0.82)),
            Step(db.fill(0.96), minutes=4),
            Step(db.fill_wholly, minutes=8),
        ),
        (db.release,),
    ),
    Scenario(
        "slow-query",
        "An index is missing: the search for a lead takes 0.3 s, after 4 min 1.2 s",
        (Step(app.slow_lookup(0.3)), Step(app.slow_lookup(1.2), minutes=4)),
        (app.slow_lookup(0),),
    ),
    Scenario(
        "lock-blocker",
        "A migration is left open in its transaction: whoever writes a lead waits",
        (Step(db.block(_MIGRATION)),),
        (db.release,),
    ),
    Scenario(
        "disk-full",
        "No space left: nothing can be stored (53100), after 6 min the log stops as well",
        (Step(db.fill_disk), Step(app.log_space(is_full=True), minutes=6)),
        (app.log_space(is_full=False), db.free_disk),
    ),
    Scenario(
        "timezone",
        "Database and roles get the session time zone of Dubai: no count may change",
        (Step(db.timezone("Asia/Dubai")),),
        (db.timezone(None),),
    ),
    Scenario(
        "database-restart",
        "PostgreSQL is stopped and comes back some seconds later",
        (Step(db.stop), Step(db.stay_down), Step(db.start)),
        (db.start,),
        passes=True,
    ),
    Scenario(
        "database-failover",
        "PostgreSQL fails over: cut off, refused, then read-only for a while",
        (
            Step(db.stop),
            Step(db.stay_down),
            Step(db.start_as_standby),
            Step(db.promote, minutes=9, seconds=12),
        ),
        (db.promote,),
        passes=True,
    ),
)
_REST: Final = (
    Scenario(
        "slow-endpoint",
        f"GET {SLOW_PATH} takes 0.8 s, after 4 min 2.6 s, after 10 min 5.6 s",
        (
            Step(app.delay(SLOW_PATH, 0.8)),
            Step(app.delay(SLOW_PATH, 2.6), minutes=4),
            Step(app.delay(SLOW_PATH, 5.6), minutes=10),
        ),
        (app.delay(SLOW_PATH, 0),),
    ),
    Scenario(
        "crash-loop",
        "The application dies four times and is away for some seconds each time",
        tuple(Step(app.crash(1.5), minutes=minute) for minute in (0, 2, 5, 8)),
        (app.revive,),
        passes=True,
    ),
    Scenario(
        "log-rotation",
        "The log is rotated: renamed the first time, copied and truncated the next",
        (Step(app.rotate_log),),
        passes=True,
    ),
    Scenario(
        "chatwoot-down",
        "Chatwoot answers 502; what customers wrote comes in one burst when it is back",
        (Step(msg.take_down),),
        (msg.resume,),
    ),
    Scenario(
        "chatwoot-backlog",
        "Nobody works on Chatwoot's queue: its webhooks come later, all at once",
        (Step(msg.halt_queue),),
        (msg.resume,),
    ),
    Scenario(
        "monitor-blind",
        "The watch loses pg_monitor, and its token is no administrator's any more",
        (Step(db.sql(_BLIND, as_root=True)), Step(msg.token(Token.AGENT))),
        (db.sql(_SEEING, as_root=True), msg.token(Token.ADMINISTRATOR)),
    ),
)

SCENARIOS: Final = (*_DAYS, *_WEBHOOKS, *_MESSAGES, *_DATABASE, *_REST)
"""Every scenario, in the order the timetable plays them."""
