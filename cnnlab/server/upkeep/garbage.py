"""Looking for garbage now and then, instead of after each click as Streamlit does.

Streamlit looks through all that lives after every script run, and nobody else's page goes on
meanwhile. With thirty people at once that took two thirds of the server's time.
"""

import asyncio
import gc

COLLECT_SECONDS = 10.0


async def collect_garbage() -> None:
    """Look through what has been made since the start, once in a while, and only if something was.

    What the start has frozen isn't looked through.
    """
    while True:
        await asyncio.sleep(COLLECT_SECONDS)
        if is_due():
            gc.collect()


def is_due() -> bool:
    """Whether enough has been made since the last time for Python to look through the youngest."""
    _, youngest, older = gc.get_count()
    return youngest + older > 0
