"""Thirty people at once, four of their runs training: how long pages take, what the server holds.

    python tests/benchmarks/many.py
    python tests/benchmarks/many.py --smoke

Everybody has an account and a workspace of their own, signs in with a password and looks at page
after page, with a few seconds between them, as clients that speak Streamlit's protocol; two more
are browsers that watch a run. The runs are played: rows are written as workers write them.
Before that one person alone looks at the same pages, with the same runs training. Goals: with all
of them a page takes at most twice as long as for the one (median), the server stays below 1 GB, and
nobody is sent the name of anything that is another one's. `--smoke` is a small round, with three
people and two pages each, that only says whether it works.
"""

import contextlib
import random
import secrets
import statistics
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab import lab
from cnnlab.domain.people.person import Role
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Status
from cnnlab.files import take_lock
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.people import add_account
from cnnlab.lab.workplace import workplace
from cnnlab.server.addresses import API, SIGN_IN
from cnnlab.storage.attempts.attempt import Attempt, AttemptRecorder
from tests.benchmarks.app_process import (
    App,
    Figure,
    add_run,
    print_figures,
    started_app,
    started_browser,
)
from tests.benchmarks.options import option_parser
from tests.conftest import draw_zip
from tests.waiting import wait_until

PAGES = ("", "data", "train", "runs", "models", "study")
TRAINING, EPOCHS, EPOCH_SECONDS = 4, 10_000, 2.0
THINK_SECONDS = (2.0, 6.0)
ANSWER_SECONDS = 120.0
MOST_TIMES, MOST_MB = 2.0, 1000.0
BROWSERS = 2


@dataclass
class Person:
    """Somebody with a workspace of their own.

    Attributes:
        name: what they sign in with.
        password: likewise.
        workspace: id of theirs.
        secret: stands in the names of all that is theirs, and of nothing else.
        cookie: of their session, once they are signed in.
        answers: seconds that each page took to be drawn.
        foreign: secrets of others that they were sent.
    """

    name: str
    password: str
    workspace: str
    secret: str
    cookie: str = ""
    answers: list[float] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)


def add_people(count: int, folder: Path) -> list[Person]:
    """Accounts with a workspace, a dataset and some runs each."""
    upload = draw_zip(folder / "few.zip", each=12)
    people = []
    for number in range(count):
        name, password, secret = f"person {number}", secrets.token_hex(8), secrets.token_hex(8)
        _, workspace, _ = add_account(name, password=password, role=Role.OWNER)
        with acting_as(local_in(workspace.id)):
            dataset = lab.import_dataset(upload, name=f"images {secret}")
            for run in range(8):
                add_run(dataset, run + 1, Status.FINISHED, epochs=5)
                workplace().runs.update(f"20260101-000000-{run + 1:04x}", name=f"run {secret}")
        people.append(Person(name, password, workspace.id, secret))
    return people


@contextlib.contextmanager
def training(people: list[Person]) -> Iterator[None]:
    """A run of each that the supervisor takes for a living one: its lock is held here."""
    done = threading.Event()
    with contextlib.ExitStack() as stack:
        recorders = [stack.enter_context(_played(one)) for one in people]
        writer = threading.Thread(target=_write_epochs, args=(recorders, done))
        writer.start()
        try:
            yield
        finally:
            done.set()
            writer.join()


@contextlib.contextmanager
def _played(person: Person) -> Iterator[AttemptRecorder]:
    with acting_as(local_in(person.workspace)):
        run = add_run(lab.list_datasets()[0], 0, Status.RUNNING, epochs=EPOCHS)
        attempt = Attempt(workplace().home.attempt(run.id, run.attempt))
    attempt.create(run.config)
    if take_lock(attempt.lock) is None:
        raise RuntimeError("the attempt's lock is taken")
    recorder = AttemptRecorder(attempt)
    try:
        recorder.started({"epochs": EPOCHS, "steps_per_epoch": 2, "device": "none"})
        yield recorder
    finally:
        recorder.close()


def _write_epochs(recorders: list[AttemptRecorder], done: threading.Event) -> None:
    epoch = 0
    while not done.wait(EPOCH_SECONDS):
        for recorder in recorders:
            values = dict.fromkeys(EpochRecord.__annotations__, 0.5) | {"epoch": epoch}
            recorder.epoch(EpochRecord(**values))
        epoch += 1


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def sign_in(app: App, person: Person, number: int) -> None:
    """Sign somebody in, each from an address of their own as if behind a proxy."""
    form = urllib.parse.urlencode({"name": person.name, "password": person.password}).encode()
    headers = {"Origin": app.address, "X-Forwarded-For": f"192.0.2.{number + 1}"}
    request = urllib.request.Request(f"{app.address}{API}{SIGN_IN}", form, headers)
    try:
        urllib.request.build_opener(_NoRedirect()).open(request, timeout=ANSWER_SECONDS)
    except urllib.error.HTTPError as answer:
        if answer.code != 303:
            raise
        person.cookie = answer.headers["Set-Cookie"].partition(";")[0]


def look_around(app: App, person: Person, others: list[str], visits: int) -> None:
    """Open page after page, and note how long each took and what of others came with it."""
    stream = f"ws{app.address.removeprefix('http')}/_stcore/stream"
    headers = {"Cookie": person.cookie, "Origin": app.address}
    pages = random.Random(person.name).choices(PAGES, k=visits)
    with connect(
        stream,
        additional_headers=headers,
        subprotocols=["streamlit"],
        max_size=None,
        proxy=None,
    ) as socket:
        for page in pages:
            began = time.perf_counter()
            told = draw(socket, page)
            person.answers.append(time.perf_counter() - began)
            person.foreign |= {secret for secret in others if secret.encode() in told}
            if page == "runs" and person.secret.encode() not in told:
                raise RuntimeError(f"{person.name} isn't shown their own runs")
            time.sleep(random.uniform(*THINK_SECONDS))


def draw(socket: ClientConnection, page: str) -> bytes:
    """Have a page drawn; return all that came until its script had ended."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = ""
    socket.send(asked.SerializeToString())
    came, end = [], time.monotonic() + ANSWER_SECONDS
    while True:
        message = socket.recv(timeout=max(0.1, end - time.monotonic()))
        came.append(message)
        answer = ForwardMsg.FromString(message)
        is_end = answer.WhichOneof("type") == "script_finished"
        if is_end and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return b"".join(came)


@contextlib.contextmanager
def watching(app: App, browser: Browser, people: list[Person]) -> Iterator[None]:
    """Browsers that have signed in and watch the run of their own that trains."""
    contexts = []
    for person in people:
        name, _, value = person.cookie.partition("=")
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": app.address}])
        context.set_default_timeout(ANSWER_SECONDS * 1000)
        page = context.new_page()
        page.goto(f"{app.address}/runs?run=20260101-000000-0000")
        page.wait_for_selector(".st-key-live_chart .js-plotly-plot")
        contexts.append(context)
    try:
        yield
    finally:
        for context in contexts:
            context.close()


def measure(count: int, visits: int) -> list[Figure]:
    """Play it with so many people and so many pages each."""
    with started_app(auth="password") as app, started_browser() as browser:
        people = add_people(count + BROWSERS, app.folder)
        clients, viewers = people[BROWSERS:], people[:BROWSERS]
        for number, person in enumerate(people):
            sign_in(app, person, number)
        wait_until(lambda: all(person.cookie for person in people))
        with training(people[:TRAINING]):
            alone = Person(**{**vars(clients[0]), "answers": []})
            look_around(app, alone, _others(alone, people), visits)
            with (
                watching(app, browser, viewers),
                app.sampled_memory() as memory,
                ThreadPoolExecutor(count) as pool,
            ):
                tasks = [
                    pool.submit(look_around, app, one, _others(one, people), visits)
                    for one in clients
                ]
                for task in tasks:
                    task.result()
    answers = [seconds for one in clients for seconds in one.answers]
    first, many = statistics.median(alone.answers), statistics.median(answers)
    worst = statistics.quantiles(answers, n=20)[-1]
    return [
        Figure("a page for one person, median", first, "s"),
        Figure(f"a page among {count}, median", many, "s"),
        Figure("the slowest twentieth among them begins at", worst, "s"),
        Figure("among many, compared with one", many / first, "times", MOST_TIMES),
        Figure("memory of the server, most", max(memory), "MB", MOST_MB),
        Figure("people who were sent foreign names", sum(bool(p.foreign) for p in people), "", 0),
    ]


def _others(person: Person, people: list[Person]) -> list[str]:
    return [one.secret for one in people if one.name != person.name]


def main() -> None:
    parser = option_parser(__doc__)
    parser.add_argument("people", type=int, nargs="?", default=30)
    parser.add_argument("visits", type=int, nargs="?", default=20)
    given = parser.parse_args()
    figures = measure(3, 2) if given.smoke else measure(given.people, given.visits)
    print_figures(figures)


if __name__ == "__main__":
    main()
