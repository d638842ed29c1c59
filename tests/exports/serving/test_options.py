"""What a start may say."""

import argparse

import pytest

from cnnlab.exports.serving.options import (
    BadOptionError,
    Options,
    add_options,
    is_loopback,
    options_of,
)


def said(*words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--json", action="store_true")
    add_options(parser)
    return options_of(parser.parse_args(words))


@pytest.fixture(autouse=True)
def no_token(monkeypatch):
    monkeypatch.delenv("SERVE_TOKEN", raising=False)


def test_whoever_says_nothing_gets_a_new_token_and_the_limits_of_the_product():
    one, other = said(), said()
    assert one.token_is_new and len(one.token) >= 40 and one.token != other.token
    assert (one.host, one.port) == ("127.0.0.1", 8000)
    usual = Options()
    for name in ("most_image_bytes", "most_pixels", "most_images", "most_waiting"):
        assert getattr(one, name) == getattr(usual, name)
    assert one.most_body_bytes >= 2 * one.most_image_bytes


def test_a_token_comes_from_a_file_or_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SERVE_TOKEN", "0123456789abcdef")
    assert (said().token, said().token_is_new) == ("0123456789abcdef", False)
    file = tmp_path / "token"
    file.write_text("fedcba9876543210\n")
    assert said("--token-file", str(file)).token == "fedcba9876543210"
    assert said("--no-token").token is None


@pytest.mark.parametrize("token", ["short", "with a space in it", "ünïcödé-ünïcödé-ünïcödé"])
def test_a_token_that_is_none_is_refused(monkeypatch, token):
    monkeypatch.setenv("SERVE_TOKEN", token)
    with pytest.raises(BadOptionError, match="SERVE_TOKEN must be 16 or more ASCII"):
        said()


def test_without_a_token_only_this_machine_may_ask_unless_that_is_meant():
    for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8"):
        assert said("--no-token", "--host", host).token is None
    for host in ("0.0.0.0", "::", "", "8.8.8.8", "no.such.name.invalid"):
        assert not is_loopback(host)
        with pytest.raises(BadOptionError, match="add --anyone if that is meant"):
            said("--no-token", "--host", host)
        assert said("--no-token", "--anyone", "--host", host).token is None


@pytest.mark.parametrize("words", ["--port -1", "--queue 0", "--timeout x", "--max-images 1001"])
def test_numbers_have_their_range(words):
    with pytest.raises(argparse.ArgumentError, match="must be a whole number from"):
        said(*words.split())


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("example.org:8443", "example.org"),
        (" Example.org. ", "example.org"),
        ("[::1]:80", "::1"),
        ("::1", "::1"),
        ("*", "*"),
    ],
)
def test_a_further_name_is_one_that_a_request_can_call(given, name):
    assert said("--called", given).names == (name,)


@pytest.mark.parametrize("given", ["https://example.org", "example.org/x", "a@b", "", "a:b", ":80"])
def test_what_is_no_name_is_refused(given):
    with pytest.raises(BadOptionError, match="--called must be a name such as example.org"):
        said("--called", given)
