"""The plan of an attack experiment: what is attacked, how, by how much, and with how many pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lookalike.errors import UsageError
from lookalike.labs.attack.loop import FGSM, Method, pgd
from lookalike.labs.attack.runs import OBJECTIVES, Run

BUDGETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03)
CLASSIFIER = "classifier"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    Attributes:
        model: the embedder that is attacked.
        objectives: some of ``OBJECTIVES``.
        budgets: most change of a pixel value, in [0, 1].
        pictures: how many are attacked.
        steps: of projected gradient descent.
        seed: of everything that is drawn.
        transfer: other embedders, which the attacker did not see.
    """

    model: str
    objectives: tuple[str, ...]
    budgets: tuple[float, ...]
    pictures: int
    steps: int
    seed: int
    transfer: tuple[str, ...]

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.objectives) - set(OBJECTIVES)):
            raise UsageError(f"objective must be one of {', '.join(OBJECTIVES)}, not {unknown[0]!r}")
        if not self.budgets or not all(0 < budget <= 1 for budget in self.budgets):
            raise UsageError(f"budgets are changes of intensity above 0 and up to 1, not {self.budgets}")
        if self.pictures < 1 or self.steps < 1:
            raise UsageError("pictures and steps must be 1 or more")

    @property
    def strong(self) -> Method:
        """The stronger of the methods, which takes several steps."""
        return pgd(self.steps)

    def runs(self) -> list[Run]:
        """Every objective by every method, with a budget of 0 too, at which nothing may succeed."""
        return [
            run
            for objective in self.objectives
            for method in (FGSM, self.strong)
            for run in self.series(
                objective, method, CLASSIFIER if objective == "misclassify" else Path(self.model).stem
            )
        ]

    def series(self, objective: str, method: Method, network: str) -> list[Run]:
        """One objective by one method at every budget, from 0 upwards."""
        return [Run(objective, method, budget, network) for budget in (0.0, *sorted(self.budgets))]
