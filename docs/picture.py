#!/usr/bin/env python3
"""Draws docs/board.svg and docs/board.txt: the board on a rehearsal, half an hour after launch.

A real rehearsal, watched by the real watch: takes about a minute. Run it with the Python of the
virtualenv, from anywhere: `.venv/bin/python docs/picture.py`.
"""

import asyncio
import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path

from rehearsal.stage import Stage
from tui.cli.showing import CALM

os.environ.update(CALM)
# Textual reads them once, when it is imported.
from tui.app import Board
from tui.cli.opening import Setting, set_up
from tui.cli.rehearsing import Rehearsed

FOLDER = Path(__file__).parent
SPEED = 30.0
SCENARIO = "silent-loss"
STRIKE, SHOT = 20 * 60.0, 28 * 60.0
"""Seconds after the launch."""
WIDE, NARROW = (120, 40), (80, 24)
PLAN = '[watch]\ntimezone = "Asia/Dubai"\noperator = "Ada"\n'
_REMOTE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


async def main() -> None:
    """Rehearse, strike, and draw."""
    with tempfile.TemporaryDirectory(prefix="firstwatch-picture-") as scratch:
        folder = Path(scratch)
        (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
        async with Stage(folder=folder / "production", scale=SPEED) as stage:
            setting = replace(_setting(folder, stage), clock=stage.clock, handoffs=folder)
            with Rehearsed(setting, stage) as behind:
                launch = (await behind.look()).launch
                await _draw(Board(behind, setting.plan), stage, launch)


def _setting(folder: Path, stage: Stage) -> Setting:
    journal = str(folder / "picture.journal")
    return set_up(folder / "plan.toml", {**os.environ, **stage.environment}, journal=journal)


async def _draw(board: Board, stage: Stage, launch: float) -> None:
    async with board.run_test(size=WIDE) as pilot:
        await stage.clock.sleep(launch + STRIKE - stage.clock.now())
        await stage.strike(SCENARIO)
        await stage.clock.sleep(launch + SHOT - stage.clock.now())
        svg = board.export_screenshot(title="firstwatch")
        # Whoever looks at the picture should not have to ask another host for a font.
        (FOLDER / "board.svg").write_text(_REMOTE.sub("", svg), encoding="utf-8")
        await pilot.resize_terminal(*NARROW)
        await pilot.pause(1.5)
        strips = board.screen._compositor.render_strips()  # noqa: SLF001 - Textual has no other way
        lines = [strip.text.rstrip() for strip in strips]
        (FOLDER / "board.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
