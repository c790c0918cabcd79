"""Which addresses a URL may lead to, so that nobody can make this program talk to its own network."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from lookalike.errors import FetchError
from lookalike.images.deadline import Deadline

Address = IPv4Address | IPv6Address
Permitted = Callable[[Address, int], bool]

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(ip: Address, port: int) -> bool:
    """Whether an address belongs to the public internet.

    IPv4 addresses that travel inside IPv6 (mapped, NAT64) are judged by what they lead to. The tunnels 6to4
    and Teredo are refused whatever they lead to: no public server lives there any more.

    Args:
        ip: the address.
        port: the TCP port, which does not matter here; other rules may look at it.
    """
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped, port)
        if ip in _NAT64:
            return is_public(IPv4Address(int(ip) & 0xFFFF_FFFF), port)
        if ip not in _GLOBAL_UNICAST or ip.sixtofour is not None or ip.teredo is not None:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def resolve(host: str, port: int, permitted: Permitted, deadline: Deadline) -> list[Address]:
    """Look up a host once, and refuse it unless every one of its addresses is permitted.

    Args:
        host: a name in lower-case ASCII, or an address without brackets.
        port: the port that will be connected to.
        permitted: the rule.
        deadline: the look-up is abandoned then.

    Returns:
        At least one address, in the order in which they should be tried.

    Raises:
        FetchError: the name is unknown, or leads to an address that is not permitted.
    """
    addresses = _look_up(host, deadline)
    for address in addresses:
        if not permitted(address, port):
            raise FetchError(f"host {host} has the address {address}, which is not on the public internet")
    return addresses


def _look_up(host: str, deadline: Deadline) -> list[Address]:
    """Ask the system's resolver on a thread of its own: it takes no time limit."""
    answers: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(ip_address(entry[4][0]) for entry in found)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.remaining())
    except queue.Empty:
        raise deadline.missed() from None
    if isinstance(answer, OSError):
        raise FetchError(f"host {host} cannot be found") from answer
    return answer
