from __future__ import annotations

import re

from lookalike.web.metrics import Metrics


def test_banks_beyond_the_first_hundred_are_counted_together() -> None:
    metrics = Metrics()
    for number in range(250):
        for _ in range(2):
            metrics.checked("default", f"bank {number}", "copy")
    counted = dict(
        re.findall(r'^lookalike_checks_total\{bank="(.+?)".*\} (\S+)$', metrics.text().decode(), re.M)
    )
    assert len(counted) == 101
    assert (counted["bank 99"], counted["(other)"]) == ("2.0", "300.0")
