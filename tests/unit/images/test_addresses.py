from __future__ import annotations

from ipaddress import ip_address

import pytest

from lookalike.errors import FetchError
from lookalike.images.addresses import is_public, resolve
from lookalike.images.deadline import Deadline


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.215.14",
        "2606:4700:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address), 80)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2001:0:808:808::f7f7:f7f7",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2002:808:808::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address), 80)


def test_a_name_that_leads_home_is_refused() -> None:
    with pytest.raises(
        FetchError, match=r"host localhost has the address .*, which is not on the public internet"
    ):
        resolve("localhost", 80, is_public, Deadline(30))


def test_every_address_must_be_permitted_for_the_port_asked() -> None:
    asked = []

    def permitted(address: object, port: int) -> bool:
        asked.append((str(address), port))
        return True

    addresses = resolve("127.0.0.1", 8080, permitted, Deadline(30))
    assert asked == [("127.0.0.1", 8080)]
    assert [str(address) for address in addresses] == ["127.0.0.1"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(FetchError, match=r"host nowhere\.invalid cannot be found"):
        resolve("nowhere.invalid", 80, is_public, Deadline(30))


def test_no_look_up_outlasts_the_deadline() -> None:
    with pytest.raises(FetchError, match=r"took longer than 1e-09 seconds"):
        resolve("nowhere.invalid", 80, is_public, Deadline(1e-9))
