"""Who waits, who is told to come again, and what becomes of what nobody waits for any more."""

import asyncio
import threading

import numpy as np
import pytest

from cnnlab.exports.serving.answering import MOST_TOGETHER, Answering, Picture
from cnnlab.exports.serving.described import read_described
from cnnlab.exports.serving.options import Options
from cnnlab.exports.serving.refusals import RefusedError
from tests.exports.serving.made_server import RED, made_model

PICTURES = [Picture(RED)] * 4


class Held:
    """Computes when it is told to, and remembers how many at once."""

    def __init__(self):
        self.may_go, self.began, self.groups = threading.Event(), threading.Event(), []

    def __call__(self, images):
        self.began.set()
        assert self.may_go.wait(20)
        self.groups.append(len(images))
        return np.full((len(images), 3), 1 / 3, np.float32)


@pytest.fixture
def held():
    return Held()


@pytest.fixture
def answering(tmp_path, held):
    def make(**options):
        described = read_described(made_model(tmp_path / "model"))
        return Answering(described, held, Options(threads=1, **options))

    return make


def test_who_comes_when_too_many_wait_is_told_when_to_come_again(answering, held):
    made = answering(most_waiting=5)

    async def ask():
        first = asyncio.create_task(made.answers(PICTURES))
        await asyncio.to_thread(held.began.wait, 20)
        assert not made.is_full
        with pytest.raises(RefusedError, match="4 pictures wait already, of 5 that may") as full:
            await made.answers(PICTURES)
        assert full.value.status == 503 and 1 <= int(full.value.headers["Retry-After"]) <= 60
        held.may_go.set()
        assert len(await first) == 4
        assert len(await made.answers(PICTURES)) == 4

    asyncio.run(ask())


def test_what_nobody_waits_for_any_more_is_not_begun(answering, held):
    made = answering(timeout_seconds=0.2)

    async def ask():
        with pytest.raises(RefusedError, match=r"wasn't answered within 0\.2 s: ask again in"):
            await made.answers(PICTURES)
        held.may_go.set()
        assert len(await made.answers(PICTURES[:1])) == 1

    asyncio.run(ask())
    assert sum(held.groups) < 1 + len(PICTURES)


def test_many_that_wait_are_computed_together_and_keep_their_order(answering, held):
    made = answering()
    held.may_go.set()
    asked = [Picture(RED, str(number)) if number % 3 else Picture(b"x", str(number))
             for number in range(40)]  # fmt: skip

    async def ask():
        return await made.answers(asked)

    told = asyncio.run(ask())
    assert [one["name"] for one in told] == [one.name for one in asked]
    assert [("problem" in one) for one in told] == [number % 3 == 0 for number in range(40)]
    assert 1 < max(held.groups) <= MOST_TOGETHER


def test_a_model_that_gives_no_numbers_or_fails_is_said(answering, held):
    made = answering()
    held.may_go.set()
    made._predict = lambda images: np.full((len(images), 3), np.nan, np.float32)
    (told,) = asyncio.run(made.answers(PICTURES[:1]))
    assert "gives no numbers" in told["problem"]

    def fail(images):
        raise MemoryError

    made._predict = fail
    with pytest.raises(MemoryError):
        asyncio.run(made.answers(PICTURES))


def test_requests_that_are_read_may_hold_so_much_together(answering):
    made = answering()
    with made.holding() as take:
        take(made._options.most_held_bytes)
        with pytest.raises(RefusedError, match="hold all the memory"), made.holding() as other:
            other(1)
    with made.holding() as take:
        take(1)
