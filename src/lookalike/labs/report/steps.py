"""The experiments behind the report, each a command of its own whose result is kept."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lookalike.disk import replacing

MODEL = "resnet34"
"""The network of the experiments, as ``lab train`` and ``lab attack`` have it unless told otherwise."""

_LAB = ("lookalike", "lab")
DONE, FAILED = "steps.json", "failed.json"
"""Files among the results: which command made each result, and why steps failed when they were last run."""


@dataclass(frozen=True, slots=True)
class Step:
    """One experiment.

    Attributes:
        name: for people.
        result: the file that it leaves.
        command: what follows ``python -m``.
        needs: files without which it makes no sense.
    """

    name: str
    result: Path
    command: tuple[str, ...]
    needs: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What a report is asked about.

    Attributes:
        folder: pictures, in one folder per class.
        lists: the arguments that name the lists of training and test pictures, if any.
        out: folder for everything.
        classifier: a trained one; None to train it.
        defended: one trained against attacks; None to train it, if the settings say how.
        quick: by the small settings.
        transfer: embedders, besides the fine-tuned network, that attacks are tried on which never saw them.
    """

    folder: Path
    lists: tuple[str, ...]
    out: Path
    classifier: Path | None
    defended: Path | None
    quick: bool
    transfer: tuple[str, ...] = ()

    @property
    def results(self) -> Path:
        """The folder of the result files."""
        return self.out / "results"

    @property
    def settings(self) -> dict[str, Any]:
        """The committed settings of this kind of run."""
        name = "quick.toml" if self.quick else "full.toml"
        return tomllib.loads(Path(__file__).with_name(name).read_text())


def plan(request: Request) -> list[Step]:
    """All steps, in an order in which each finds what it needs."""
    settings, results, models = request.settings, request.results, request.out / "models"
    folder, seed = str(request.folder), ("--seed", str(settings["seed"]))
    common = (folder, *request.lists, *seed)
    classifier = request.classifier or models / "classifier.pt"
    defended = request.defended or models / "defended.pt"
    exported = models / "classifier.onnx"
    steps = [_evaluation("bundled", MODEL, request, ())]
    if request.classifier is None:
        steps.append(_training(classifier, common, settings["train"], ()))
    steps.append(_evaluation("tuned", str(classifier), request, (classifier,)))
    if request.defended is None and "defend" in settings:
        steps.append(_training(defended, common, settings["defend"], (classifier,)))
    if request.defended is not None or "defend" in settings:
        steps.append(_evaluation("defended", str(defended), request, (defended,)))
    sizes = [str(size) for size in settings["growth"]["sizes"]]
    growth = ("lookalike.labs.bench", "growth", "--out", str(results), *_flags(settings["growth"], "sizes"))
    budgets = [part for budget in settings["attack"]["budgets"] for part in ("--budget", str(budget))]
    others = (str(exported),) if settings["transfer"] else ()
    unseen = [part for name in (*others, *request.transfer) for part in ("--transfer", name)]
    own = ("--model", MODEL, "--out", str(results))
    hardened = ("--defended", str(defended)) if request.defended or "defend" in settings else ()
    return [
        *steps,
        *(_export(Path(name), classifier, folder) for name in others),
        Step(
            "exact search and textbook hashing",
            results / "neighbours.json",
            ("lookalike.labs.report.neighbours", *common, "--out", str(results),
             *_flags(settings["neighbours"])),
        ),
        Step(
            "growth on real data",
            results / f"growth-{request.folder.name}.json",
            (*growth, "--pictures", folder, "--sizes", *sizes),
        ),
        Step("growth on random data", results / "growth-random.json",
             (*growth, "--random", "--sizes", *sizes)),
        Step(
            "map",
            results / "map.json",
            (*_LAB, "map", folder, *seed, *own, *_flags(settings["map"])),
        ),
        Step(
            "attacks and defences",
            results / "attack.json",
            (
                *_LAB, "attack", *common, "--out", str(results), "--classifier", str(classifier),
                *unseen, *hardened, *_flags(settings["attack"], "budgets"), *budgets,
            ),
            (classifier, *map(Path, others), *map(Path, hardened[1:])),
        ),
        Step(
            "robustness",
            results / "robust.json",
            (*_LAB, "robust", folder, *seed, *own, *_flags(settings["robust"])),
        ),
    ]  # fmt: skip


def run(steps: Sequence[Step], results: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Run what is missing or was run by another command; what fails does not stop the rest.

    A step that needs what another step was to make fails with it, and is run again if that was made again.

    Args:
        steps: from ``plan``.
        results: folder of the files ``DONE`` and ``FAILED``.
        say: told a line about each step.

    Returns:
        Why a step failed, by its name.
    """
    results.mkdir(parents=True, exist_ok=True)
    done = _read(results / DONE)
    failures: dict[str, str] = {}
    made: set[Path] = set()
    lacking: set[Path] = set()
    _write(results / FAILED, failures)

    def fail(step: Step, what: str, why: str) -> None:
        say(f"{step.name}: {what}, {why}")
        failures[step.name] = why
        lacking.add(step.result)
        _write(results / FAILED, failures)

    for step in steps:
        known = step.result.exists() and done.get(step.name) == list(step.command)
        if known and not {*step.needs} & (made | lacking):
            say(f"{step.name}: done before")
            continue
        if done.pop(step.name, None) is not None:
            _write(results / DONE, done)
        missing = [path for path in step.needs if path in lacking or not path.exists()]
        if missing:
            fail(step, "left out", f"it needs {missing[0].name}, which is not there")
            continue
        say(f"{step.name} …")
        step.result.parent.mkdir(parents=True, exist_ok=True)
        ended = subprocess.run(
            [sys.executable, "-m", *step.command], stdout=subprocess.PIPE, text=True, check=False
        )
        if ended.returncode or not step.result.exists():
            fail(step, "failed", f"its command ended with code {ended.returncode}")
            continue
        made.add(step.result)
        done[step.name] = list(step.command)
        _write(results / DONE, done)
    return failures


def failed_before(results: Path) -> dict[str, str]:
    """Why steps failed when they were last run, by their names."""
    return {name: str(why) for name, why in _read(results / FAILED).items()}


def _read(path: Path) -> dict[str, Any]:
    """What ``_write`` wrote; nothing if the file is not there or damaged: then every step is run again."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, facts: dict[str, Any]) -> None:
    with replacing(path) as file:
        file.write((json.dumps(facts, indent=1) + "\n").encode())


def _evaluation(name: str, model: str, request: Request, needs: tuple[Path, ...]) -> Step:
    out = request.results / f"evaluation-{name}"
    seed = ("--seed", str(request.settings["seed"]))
    command = (*_LAB, "evaluate", model, str(request.folder), *request.lists, *seed, "--out", str(out))
    return Step(f"evaluation of the {name} network", out / "evaluation.json", command, needs)


def _training(
    model: Path, common: tuple[str, ...], settings: dict[str, Any], start: tuple[Path, ...]
) -> Step:
    weights = [part for path in start for part in ("--weights", str(path))]
    name = "adversarial fine-tuning" if start else "fine-tuning"
    command = (*_LAB, "train", *common, "--out", str(model), "--resume", *weights, *_flags(settings))
    return Step(name, model, command, start)


def _export(exported: Path, model: Path, folder: str) -> Step:
    command = (*_LAB, "export", str(model), "--out", str(exported), "--pictures", folder)
    return Step("export of the fine-tuned network", exported, command, (model,))


def _flags(settings: dict[str, Any], *but: str) -> list[str]:
    """Settings as options of a command."""
    return [part for name, value in settings.items() if name not in but for part in (f"--{name}", str(value))]
