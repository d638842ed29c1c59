"""Garbage goes, though no click waits for it."""

import asyncio
import gc
import tomllib
import weakref
from pathlib import Path

from cnnlab.server.upkeep import garbage

CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"


class _Circle:
    def __init__(self) -> None:
        self.itself = self


def test_a_circle_goes_while_nobody_clicks(monkeypatch):
    monkeypatch.setattr(garbage, "COLLECT_SECONDS", 0.01)
    monkeypatch.setattr(garbage, "is_due", lambda: True)
    gone = weakref.ref(_Circle())

    async def wait_for_it():
        keeper = asyncio.create_task(garbage.collect_garbage())
        while gone() is not None:
            await asyncio.sleep(0.01)
        keeper.cancel()

    gc.disable()
    try:
        asyncio.run(asyncio.wait_for(wait_for_it(), 60))
    finally:
        gc.enable()


def test_nothing_is_looked_through_where_little_was_made():
    gc.collect()
    assert not garbage.is_due()
    made = [[] for _ in range(100_000)]
    assert made
    assert garbage.is_due()


def test_no_click_waits_for_a_look_at_all_that_lives():
    assert tomllib.loads(CONFIG.read_text())["runner"]["postScriptGC"] is False
