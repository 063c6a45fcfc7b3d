#!/usr/bin/env python3
"""Writes docs/firstwatch.1: the manual page, from the arguments as the program parses them.

Run it after changing one: `.venv/bin/python docs/manpage.py`; read it with `man docs/firstwatch.1`.
"""

import os
import re
from pathlib import Path

from argparse_manpage.manpage import Manpage

from tui.cli.arguments import parser_of

FILE = Path(__file__).parent / "firstwatch.1"
MORE = r"""
.SH FILES
.TP
.I ./config.toml, ~/.config/firstwatch/config.toml
the plan, laid over the one that ships; the first that is there
.TP
.I ~/.config/firstwatch/themes/*.toml
themes of your own
.TP
.I ~/.local/state/firstwatch/*.journal
what was measured and what people did, one file a watch

.SH ENVIRONMENT
.TP
.B DATABASE_URL, APP_URL, APP_LOG
where the application's database and service are, and its log
.TP
.B CHATWOOT_URL, CHATWOOT_TOKEN, CHATWOOT_ACCOUNTS
the second witness; without it silence is unknown
.TP
.B NO_COLOR
no colours
.TP
.B XDG_CONFIG_HOME, XDG_STATE_HOME
where the files above are instead

.SH EXIT STATUS
.TP
.B 0
done; of check: nothing worse than off target
.TP
.B 1
of check: a warning
.TP
.B 2
of check: something is critical; of every command: the plan, the journal or the command line
cannot be used
.TP
.B 3
of check: something is unknown
.TP
.B 4
of verify: what people signed is not as it was written
.TP
.B 70
firstwatch itself failed
"""


def manpage() -> str:
    """The whole page, in troff."""
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # a page without a date, so that it changes with facts
    parser = parser_of()
    parser.epilog = None
    page = str(Manpage(parser, _data={"project_name": "firstwatch", "prog": "firstwatch"}))
    page = re.sub(r'^\.TH .*', '.TH FIRSTWATCH 1 "" firstwatch "firstwatch"', page, count=1)
    name = r"firstwatch \- the first 24 hours after a launch, watched from a terminal"
    page = page.replace(".SH NAME\nfirstwatch\n", f".SH NAME\n{name}\n", 1)
    return page.rstrip("\n") + "\n" + MORE


if __name__ == "__main__":
    _ = FILE.write_text(manpage(), encoding="utf-8")
