"""Addresses that lead to this machine or a private network, spelt in every odd way: none is ever asked."""

from __future__ import annotations

import random
from urllib.parse import quote

from tally import Attack

import odd_server
import pictures
from program import Program
from served import serving

_PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
)  # fmt: skip
_NAMES = (
    "localhost", "LOCALHOST", "localhost.", "ip6-localhost", "localhost.localdomain", "[::1]", "[::]",
    "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::1%25lo]", "[0:0:0:0:0:ffff:0a00:0001]",
)  # fmt: skip
_SCHEMES = (
    "http",
    "http",
    "http",
    "http",
    "https",
    "HTTP",
    "ftp",
    "gopher",
    "file",
    "data",
    "ws",
    "jar:http",
)


def addresses(attack: Attack) -> None:
    """Search by such addresses; a listener on this machine must hear of none."""
    program = Program(attack.place / "home")
    pictures.write(program.home / "pictures", 2)
    assert program("index", "pictures").code == 0
    with serving(program) as server, odd_server.serving() as listener:
        while attack.goes_on:
            url = _spelt(attack.dice, listener.port)
            heard = len(listener.seen)
            answer = server.ask(url)
            if 400 <= answer.status_code < 500 and len(listener.seen) == heard:
                attack.tally.refused += 1
            else:
                attack.tally.wrong.append(f"{url!r}: {answer.status_code}, heard {listener.seen[heard:]}")


def _spelt(dice: random.Random, port: int) -> str:
    """A URL of a private place."""
    host = dice.choice((_number(dice), _number(dice), dice.choice(_NAMES)))
    at = dice.choice(("", "", "", "user@", "example.com@", "example.com:80@", "a%40example.com@"))
    after = dice.choice(("", "", "", ".", "%00", " ", "\\@example.com", "#@example.com", "?@example.com"))
    path = dice.choice(("/image", "/", "", "//image", "/" + quote("ü")))
    return f"{dice.choice(_SCHEMES)}://{at}{host}:{port}{after}{path}"


def _number(dice: random.Random) -> str:
    """A private IPv4 address as one to four numbers, each decimal, octal or hexadecimal."""
    parts = [int(part) for part in dice.choice(_PRIVATE).split(".")]
    kept = dice.choice((4, 4, 3, 2, 1))
    last = 0
    for part in parts[kept - 1 :]:
        last = last << 8 | part
    forms = (str, str, lambda n: f"0{n:o}", lambda n: f"0x{n:x}", lambda n: f"0X{n:X}", lambda n: f"00{n:o}")
    text = ".".join(dice.choice(forms)(number) for number in [*parts[: kept - 1], last])
    if dice.random() < 0.1:  # digits that some libraries take for 0 to 9
        text = "".join(chr(ord(sign) + 0xFF10 - 0x30) if sign.isdigit() else sign for sign in text)
    return text
