"""Banks of Hasher-Matcher-Actioner come in, and answer lookups as before.

What is asked for its banks is this program's own server, which has the same routes; ``test_serve_hma`` holds
these against what HMA publishes. The database is one of its tables as they are, in SQLite.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from program import Program
from served import Served, serving
from typed import run_typed

ROOT = Path(__file__).resolve().parents[2]
SECTION = (ROOT / "docs" / "migrate.md").read_text("utf-8").partition("## From Hasher-Matcher-Actioner\n")[2]
COUNT, NEAR = 16, 31
TABLES = """
    CREATE TABLE bank (id INTEGER PRIMARY KEY, name VARCHAR(255), enabled_ratio FLOAT);
    CREATE TABLE bank_content (id INTEGER PRIMARY KEY, bank_id INTEGER, disable_until_ts INTEGER,
        original_content_uri VARCHAR);
    CREATE TABLE content_signal (content_id INTEGER, signal_type VARCHAR, signal_val TEXT,
        PRIMARY KEY (content_id, signal_type));
    INSERT INTO bank VALUES (1, 'STOLEN', 1.0), (2, 'OTHER', 1.0);
"""

Bits = NDArray[np.uint8]


def drawn() -> tuple[list[str], list[str]]:
    """Hashes of a bank, and others at 0, 5, 31 and 32 bits from some of them."""
    random = np.random.default_rng(4)
    known = random.integers(0, 2, (COUNT, 256), np.uint8)
    asked = known.copy()
    for row, flips in zip(asked, (0, 5, NEAR, NEAR + 1) * (COUNT // 4), strict=True):
        row[random.choice(256, flips, replace=False)] ^= 1
    return [_hex(row) for row in known], [_hex(row) for row in asked]


def _hex(row: Bits) -> str:
    return np.packbits(row).tobytes().hex()


def lookups(server: Served, asked: list[str], kind: str = "pdq") -> list[Any]:
    """For each hash the distances at which the bank STOLEN has it."""
    answers = [
        server.client.get("/m/lookup", params={"signal": one, "signal_type": kind}).json() for one in asked
    ]
    return [sorted(match["distance"] for match in answer.get("STOLEN", [])) for answer in answers]


def test_a_bank_moves_in_and_answers_as_before(program: Program, tmp_path: Path) -> None:
    known, asked = drawn()
    before = Program(tmp_path / "before")
    assert before.here("bank", "create", "STOLEN").code == 0
    assert before.here("bank", "create", "OTHER").code == 0
    with serving(before) as old:
        for number, value in enumerate(known):
            name = "STOLEN" if number else "OTHER"  # the first is another bank's
            assert (
                old.client.post(
                    f"/c/bank/{name}/signal", json={"pdq": value, "note": f"no. {number}"}
                ).status_code
                == 200
            )
        assert old.client.post("/c/bank/STOLEN/signal", json={"video_md5": 32 * "a"}).status_code == 200
        gone = old.client.post("/c/bank/STOLEN/signal", json={"pdq": 64 * "f"}).json()["id"]
        assert old.client.delete(f"/c/bank/STOLEN/content/{gone}").status_code == 200
        both = old.client.post("/c/bank/STOLEN/signal", json={"pdq": 64 * "e", "video_md5": 32 * "c"})
        off = old.client.post("/c/bank/STOLEN/signal", json={"pdq": 64 * "d"}).json()["id"]
        place = f"/c/bank/STOLEN/content/{off}"
        assert old.client.put(place, json={"disable_until_ts": 0}).status_code == both.status_code == 200
        others = [64 * digit for digit in "fed"]
        expected = lookups(old, [*asked, *others])
        (commands, *_) = re.findall(r"^```console\n(.*?)^```$", SECTION, re.M | re.S)
        run_typed(program, commands.replace("http://localhost:5100", old.url))
    assert expected[:8] == [[], ["5"], ["31"], [], ["0"], ["5"], ["31"], []]
    assert expected[-3:] == [[], ["0"], []]
    with serving(program) as new:
        assert lookups(new, [*asked, *others]) == expected
        entries = new.client.get("/v1/banks/STOLEN/entries").json()["entries"]
        assert [one["note"] for one in entries] == [
            *(f"no. {number}" for number in range(1, COUNT)),
            "",
            "",
            "",
        ]
        assert lookups(new, [32 * "a", 32 * "b", 32 * "c"], "video_md5") == [["-"], [], ["-"]]


def test_the_query_finds_what_is_enabled_in_the_bank(program: Program) -> None:
    known, asked = drawn()
    (query,) = re.findall(r"^```sql\n(.*?)^```$", SECTION, re.M | re.S)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        for number, value in enumerate(known):
            bank, until = (2, 1) if number == 0 else (1, 0) if number == 4 else (1, 1)
            connection.execute("INSERT INTO bank_content VALUES (?, ?, ?, NULL)", (number, bank, until))
            connection.execute("INSERT INTO content_signal VALUES (?, 'pdq', ?)", (number, value))
            connection.execute("INSERT INTO content_signal VALUES (?, 'raw_text', 'words')", (number,))
        found = connection.execute(query)
        with (program.home / "STOLEN.csv").open("w", newline="") as file:
            csv.writer(file).writerows([[column[0] for column in found.description], *found])
    assert program.here("bank", "create", "STOLEN").code == 0
    assert program.here("bank", "import", "STOLEN", "STOLEN.csv", "--json").json["new"] == COUNT - 2
    with serving(program) as server:
        assert lookups(server, asked[:8]) == [[], ["5"], ["31"], [], [], ["5"], ["31"], []]
