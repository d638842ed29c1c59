"""Who reads health and numbers where people have accounts."""

from cnnlab import lab
from cnnlab.lab.entry import metrics_token
from tests.server.signing.conftest import sign_in


def test_anybody_may_ask_for_the_health(browser, people):
    assert browser().get("/healthz").text == "ok\n"


def test_numbers_are_for_admins_and_who_brings_their_token(browser, people):
    people.register.accounts.set_admin(people.ada.id, True)
    ada, ben, stranger = browser(), browser(), browser()
    sign_in(ada, "Ada")
    sign_in(ben, "Ben")
    assert ada.get("/metrics").status_code == 200
    answer = ben.get("/metrics")
    assert answer.status_code == 403 and answer.text.startswith("Only an admin may do this")
    assert stranger.get("/metrics").status_code == 401
    token = {"Authorization": f"Bearer {metrics_token(lab.token())}"}
    assert stranger.get("/metrics", headers=token).status_code == 200
    assert stranger.get("/api/own", headers=token).status_code == 401


def test_refused_sign_ins_are_counted(browser, people):
    stranger = browser()
    sign_in(stranger, "Ada", password="wrong")
    token = {"Authorization": f"Bearer {metrics_token(lab.token())}"}
    told = stranger.get("/metrics", headers=token).text
    assert "\ncnnlab_sign_ins_refused_total 1.0\n" in told
    assert "Ada" not in told and "192.0.2.7" not in told
