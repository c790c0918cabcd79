"""What came of many tries to break something."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Tally:
    """Counts for one kind of attack.

    Attributes:
        refused: tries that were refused with one clear error.
        right: tries that were answered, rightly.
        wrong: what came of each other try, one line each.
        figures: what was measured meanwhile, one line each.
    """

    refused: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """All tries."""
        return self.refused + self.right + len(self.wrong)

    def judge(self, right: bool, what: str) -> None:
        """Count a try that must be answered rightly."""
        if right:
            self.right += 1
        else:
            self.wrong.append(what)


@dataclass(frozen=True, slots=True)
class Attack:
    """What every attack is given.

    Attributes:
        place: an empty folder of its own.
        dice: drawn from the seed; nothing else may decide what is tried.
        until: time of ``time.monotonic`` at which no further try begins.
        tally: where to count.
    """

    place: Path
    dice: random.Random
    until: float
    tally: Tally

    @property
    def goes_on(self) -> bool:
        """Whether another try may begin; the first always may."""
        return not self.tally.tried or time.monotonic() < self.until
