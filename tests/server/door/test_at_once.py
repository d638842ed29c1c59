"""Connections that hold nothing back."""

import socket

import pytest

from cnnlab.server.door import at_once


class Transport:
    def __init__(self, opened):
        self.opened = opened

    def get_extra_info(self, name):
        return {"socket": self.opened}[name]


@pytest.fixture
def made(monkeypatch):
    """Makes a connection on a transport; what uvicorn itself was told."""
    told = []
    monkeypatch.setattr(
        at_once.AutoHTTPProtocol, "connection_made", lambda self, transport: told.append(transport)
    )
    at_once.send_at_once()
    connection = object.__new__(at_once.AutoHTTPProtocol)
    return connection.connection_made, told


def test_a_connection_sends_small_packets_at_once(made):
    make, told = made
    with socket.socket() as opened:
        transport = Transport(opened)
        make(transport)
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert told == [transport]


def test_one_through_a_file_or_without_a_socket_is_left_as_it_is(made):
    make, told = made
    with socket.socket(socket.AF_UNIX) as opened:
        make(Transport(opened))
    make(Transport(None))
    assert len(told) == 2
