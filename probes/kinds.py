"""Every kind of probe there is. A new one is one module and one line here."""

from firstwatch.probe import Kinds
from probes import chatwoot, command, http, log, pgbouncer, postgres

KINDS: Kinds = {
    module.KIND.name: module.KIND for module in (chatwoot, command, http, log, pgbouncer, postgres)
}
