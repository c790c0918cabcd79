"""The hashes of a bank of a running Hasher-Matcher-Actioner, as ``lookalike bank import`` takes them.

    python from_hma.py http://localhost:5100 STOLEN

Its contents have numbers, but no list, so they are asked for one after the other, until a thousand in a row
are not there (a third argument is another number than a thousand). Writes ``STOLEN.csv``.
"""

import csv
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

KNOWN = ("pdq", "video_md5", "video_sha256")
ENABLED = 1  # in disable_until_ts; 0 is disabled, and anything else a time in seconds since 1970


def main(url: str, bank: str, missing_in_a_row: str = "1000") -> None:
    place = f"{url.rstrip('/')}/c/bank/{urllib.parse.quote(bank)}"
    ask(place)  # ends here if there is no such bank
    number, missing, written, left_out = 0, 0, 0, 0
    with Path(f"{bank}.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["signal_type", "signal_str", "note"])
        while missing < int(missing_in_a_row):
            number += 1
            try:
                content = ask(f"{place}/content/{number}?include_signals=true")
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
                missing += 1
                continue
            missing = 0
            if content["bank"]["name"] != bank or not is_enabled(content):
                continue
            if "signals" not in content:
                sys.exit(f"{url} does not tell its hashes; take them out of its database instead")
            for signal_type, signal in content["signals"].items():
                if signal_type in KNOWN:
                    rows.writerow([signal_type, signal, " ".join(content.get("note", "").split())])
                    written += 1
                else:
                    left_out += 1
    sys.stdout.write(f"{written} hashes written, {left_out} of other types left out\n")


def is_enabled(content: dict[str, Any]) -> bool:
    until = content.get("disable_until_ts", ENABLED)
    return until != 0 and until <= time.time()


def ask(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:  # noqa: S310  the address that was given
        return json.load(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
