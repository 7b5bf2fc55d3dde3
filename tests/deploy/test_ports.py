"""Ports: never a taken one, never the same twice."""

import socket

from deploy.local.ports import Ports, is_free


def test_a_port_where_a_server_listens_is_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        busy = server.getsockname()[1]

        ports = Ports()
        given = ports.take(preferred=busy)
        ports.close()

    assert given != busy


def test_two_stacks_never_get_the_same_port() -> None:
    mine, other = Ports(), Ports()
    port = mine.take()

    given = other.take(preferred=port)

    mine.close()
    other.close()
    assert given != port


def test_a_port_let_go_can_be_taken_again() -> None:
    ports = Ports()
    port = ports.take()
    ports.close()

    again = Ports()
    given = again.take(preferred=port)
    again.close()

    assert given == port
    assert is_free(port)
