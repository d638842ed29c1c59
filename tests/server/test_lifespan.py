"""What the app does beside answering: it goes on whatever a disk does meanwhile."""

import asyncio
import logging

from cnnlab.server import routes


def test_the_keeper_goes_on_after_a_disk_did_not_answer(home, monkeypatch, caplog):
    caplog.set_level(logging.ERROR)
    for task in ("bring_home_up_to_date", "import_sample", "list_all_runs", "ensure_supervised"):
        monkeypatch.setattr(f"cnnlab.lab.{task}", lambda: False)
    monkeypatch.setattr(routes, "LOOK_AFTER_SECONDS", 0.01)
    looks = []

    def tidy_up():
        looks.append(1)
        if len(looks) < 3:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("cnnlab.lab.tidy_up", tidy_up)

    async def serve():
        async with routes.lifespan(None):
            while len(looks) < 4:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(serve(), 60))
    assert caplog.text.count("Input/output error") == 1


def test_the_app_starts_while_a_disk_does_not_answer(home, monkeypatch, caplog):
    def refuse():
        raise OSError(5, "Input/output error")

    for task in ("import_sample", "list_all_runs", "ensure_supervised", "tidy_up"):
        monkeypatch.setattr(f"cnnlab.lab.{task}", lambda: False)
    monkeypatch.setattr("cnnlab.lab.bring_home_up_to_date", refuse)

    async def serve():
        async with routes.lifespan(None):
            pass

    asyncio.run(serve())
    assert "The start isn't complete: [Errno 5] Input/output error" in caplog.text
