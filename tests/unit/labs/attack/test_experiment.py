"""The whole experiment on a few drawn pictures, with small networks and a small number of steps."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import networks
import pictures
from lookalike import Hasher
from lookalike.alterations import ALTERATIONS
from lookalike.embed import ModelCard, load_embedder
from lookalike.errors import UsageError
from lookalike.images import Limits, decode, read_file
from lookalike.labs.attack.experiment import RESULT, experiment
from lookalike.labs.attack.judge import cosine_distances
from lookalike.labs.attack.loop import FGSM, pgd
from lookalike.labs.attack.pipeline import to_tensor
from lookalike.labs.attack.plan import Plan
from lookalike.labs.attack.runs import Run, Runner
from lookalike.labs.attack.subjects import Subjects, draw_subjects
from lookalike.labs.attack.victim import Classifier, Victim, load_victim
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.models import Model
from lookalike.labs.learn.two_readings import COPY
from lookalike.labs.shared.results import read_facts
from lookalike.labs.shared.splits import Split, split
from lookalike.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("slim_networks")]

CPU = torch.device("cpu")
SETTINGS = Settings(threads=1)
BUDGETS = (0.002, 0.01)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of drawn pictures of different sizes."""
    made = tmp_path_factory.mktemp("drawn")
    for number in range(20):
        place = made / ("even" if number % 2 == 0 else "odd") / f"{number:02d}.png"
        place.parent.mkdir(exist_ok=True)
        pictures.draw(number, 60 + number, 48).save(place)
    return made


@pytest.fixture(scope="module")
def parts(folder: Path) -> Split:
    return split(folder, None, None, seed=0)


@pytest.fixture(scope="module")
def classifier(parts: Split) -> Classifier:
    model = Model(networks.two_readings(), 32).with_classes(parts.classes, 0)
    return Classifier(model.classifier().eval().requires_grad_(requires_grad=False), 32, parts.classes)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An embedder of random weights and few pixels, as ``lab export`` writes them."""
    path = tmp_path_factory.mktemp("embedder") / "small.onnx"
    export_network(networks.two_readings(), path, ModelCard("small", "x", "x", 512, 64, 0.2, 4, COPY))
    return str(path)


@pytest.fixture(scope="module")
def done(
    folder: Path, parts: Split, classifier: Classifier, small: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Runner, Path]:
    """Everything once."""
    out = tmp_path_factory.mktemp("out")
    plan = Plan(small, ("misclassify", "evade", "collide"), BUDGETS, 2, 2, 0, (small,))
    runner = experiment(folder, parts, plan, classifier, classifier, out, device=CPU, settings=SETTINGS)
    return runner, out


def test_nothing_succeeds_at_a_budget_of_nothing(done: tuple[Runner, Path]) -> None:
    runs = [run for run in read_facts(done[1] / RESULT)["runs"] if run["budget"] == 0]
    assert len(runs) == 3 * 2 * 2
    for run in runs:
        assert run["success"] in (0, None)
        assert run["change_most"] == run["bits_flipped_mean"] == 0
        assert run["distance_mean"] == pytest.approx(0, abs=1e-6)


def test_files_change_by_whole_levels_within_the_budget(done: tuple[Runner, Path]) -> None:
    """A budget of half a level leaves a file as it was; one of 2.55 levels changes two."""
    facts = read_facts(done[1] / RESULT)
    assert facts["settings"]["levels"] == {"0.002": 0, "0.01": 2}
    for run in facts["runs"]:
        if run["through"] == "file" and run["budget"]:
            levels = 0 if run["budget"] < 1 / 255 else 2
            assert run["change_most"] == pytest.approx(levels / 255, abs=1e-6)
            assert (run["distance_mean"] > 1e-4) == (levels > 0)
            if levels == 0:
                assert run["success"] in (0, None)
        else:
            assert run["change_most"] <= run["budget"] + 1e-6


def test_every_run_is_there_with_its_keys(done: tuple[Runner, Path]) -> None:
    facts = read_facts(done[1] / RESULT)
    assert len(facts["runs"]) == 3 * 2 * 3 * 2
    wanted = {
        "objective", "method", "network", "budget", "through", "label_changed", "distance_mean",
        "bits_flipped_mean", "search", "success", "counted", "defence",
    }  # fmt: skip
    for run in facts["runs"]:
        assert wanted <= set(run)
        assert {"original_first", "target_first", "within"} <= set(run["search"])
    judges = {(each["objective"], each["network"]) for each in facts["transfer"]}
    names = ("small", "pHash", "dHash", "PDQ")
    assert judges == {
        ("misclassify", "defended classifier"),
        *((objective, name) for objective in ("evade", "collide") for name in names),
    }
    assert {each["defence"] for each in facts["defences"]} == {
        "averaging over jitters", "PDQ must match too", "PDQ may match instead", "secret hyperplanes",
        "adversarial fine-tuning",
    }  # fmt: skip
    assert {each["objective"] for each in facts["colliding"]["aims"]} == {"collide", "collide-bits"}


def test_the_same_network_unseen_judges_alike(done: tuple[Runner, Path]) -> None:
    """Transfer to the attacked network itself is no transfer: it says what the runs say."""
    facts = read_facts(done[1] / RESULT)
    runs = {
        (run["objective"], run["method"], run["budget"]): run
        for run in facts["runs"]
        if run["through"] == "file"
    }
    carried = [each for each in facts["transfer"] if each["network"] == "small"]
    assert len(carried) == 2 * 2 * 2
    for each in carried:
        run = runs[each["objective"], each["method"], each["budget"]]
        assert each["success"] == run["success"]
        assert each["bits_flipped_mean"] == run["bits_flipped_mean"]


def test_files_are_judged_as_the_program_sees_them(done: tuple[Runner, Path], small: str) -> None:
    runner, out = done
    run = Run("collide", pgd(2), 0.01, "small")
    [entry] = [
        each
        for each in read_facts(out / RESULT)["runs"]
        if (each["objective"], each["method"], each["budget"], each["through"])
        == ("collide", "pgd", 0.01, "file")
    ]
    hasher = Hasher(load_embedder(small))
    files = sorted((out / "attack-runs" / run.name).glob("*.png"))
    flipped = [
        (int(hasher.hash(file), 16) ^ int(hasher.hash(path), 16)).bit_count()
        for file, path in zip(files, runner.subjects.paths, strict=True)
    ]
    assert entry["bits_flipped_mean"] == np.mean(flipped)
    compared = [
        hasher.compare(file, runner.victim.known.paths[row]).distance
        for file, row in zip(files, runner.subjects.targets, strict=True)
    ]
    assert entry["target_distance_mean"] == pytest.approx(np.mean(compared), abs=1e-5)


def test_a_file_is_what_was_rounded(done: tuple[Runner, Path]) -> None:
    runner, out = done
    run = Run("misclassify", FGSM, 0.01, "classifier")
    for file, again in zip(
        sorted((out / "attack-runs" / run.name).glob("*.png")), runner.pictures(run), strict=True
    ):
        with Image.open(file) as image:
            assert image.mode == "RGB"
            assert again.tobytes() == image.tobytes()
        limits = Limits()
        assert torch.equal(to_tensor(again), to_tensor(decode(read_file(file, limits), limits=limits).image))


class TestKept:
    """What was run is not run again, unless it would be another run."""

    @pytest.fixture
    def prepared(
        self,
        folder: Path,
        parts: Split,
        classifier: Classifier,
        small: str,
        done: tuple[Runner, Path],
        tmp_path: Path,
    ) -> tuple[Victim, Subjects, Path]:
        victim = load_victim(folder, small, classifier, done[1], CPU, SETTINGS)
        subjects = draw_subjects(parts, victim.known, 2, 0, SETTINGS)
        shutil.copytree(done[1] / "attack-runs", tmp_path / "runs")
        return victim, subjects, tmp_path / "runs"

    @staticmethod
    def _times(folder: Path, run: Run) -> list[int]:
        return [path.stat().st_mtime_ns for path in sorted((folder / run.name).glob("*.png"))]

    def test_the_same_is_kept(self, prepared: tuple[Victim, Subjects, Path]) -> None:
        victim, subjects, folder = prepared
        for run in (Run("evade", pgd(2), 0.01, "small"), Run("misclassify", FGSM, 0.01, "classifier")):
            before = self._times(folder, run)
            entries = Runner(victim, subjects, folder, 0, 1).do(run)
            assert self._times(folder, run) == before
            assert [entry["through"] for entry in entries] == ["float", "file"]

    def test_other_settings_are_not(self, prepared: tuple[Victim, Subjects, Path]) -> None:
        victim, subjects, folder = prepared
        run = Run("evade", pgd(3), 0.01, "small")
        before = self._times(folder, run)
        Runner(victim, subjects, folder, 0, 1).do(run)
        assert all(a != b for a, b in zip(before, self._times(folder, run), strict=True))

    def test_a_lost_picture_is_made_again(self, prepared: tuple[Victim, Subjects, Path]) -> None:
        victim, subjects, folder = prepared
        run = Run("misclassify", FGSM, 0.01, "classifier")
        lost = folder / run.name / "0001.png"
        content = lost.read_bytes()
        lost.unlink()
        Runner(victim, subjects, folder, 0, 1).do(run)
        assert lost.read_bytes() == content


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"objectives": ("hide",)}, "not 'hide'"),
        ({"budgets": (0.0, 0.1)}, "above 0"),
        ({"budgets": ()}, "above 0"),
        ({"pictures": 0}, "1 or more"),
        ({"steps": 0}, "1 or more"),
    ],
)
def test_bad_plans(changed: dict[str, object], words: str) -> None:
    given = {
        "model": "resnet34", "objectives": ("evade",), "budgets": (0.01,), "pictures": 1, "steps": 1,
        "seed": 0, "transfer": (),
    }  # fmt: skip
    with pytest.raises(UsageError, match=words):
        Plan(**(given | changed))  # type: ignore[arg-type]


def test_misclassify_needs_a_classifier(folder: Path, parts: Split, tmp_path: Path) -> None:
    plan = Plan("resnet34", ("misclassify",), (0.01,), 1, 1, 0, ())
    with pytest.raises(UsageError, match="--classifier"):
        experiment(folder, parts, plan, None, None, tmp_path, device=CPU, settings=SETTINGS)


def test_a_defended_classifier_needs_misclassify(
    folder: Path, parts: Split, classifier: Classifier, tmp_path: Path
) -> None:
    plan = Plan("resnet34", ("evade",), (0.01,), 1, 1, 0, ())
    with pytest.raises(UsageError, match="left out"):
        experiment(folder, parts, plan, classifier, classifier, tmp_path, device=CPU, settings=SETTINGS)


@pytest.mark.usefixtures("full_networks")
def test_a_network_with_two_readings_is_attacked_in_its_copy_part(
    folder: Path, parts: Split, tmp_path: Path
) -> None:
    """As the attacker differentiates it and as the program runs it, and a step that brings the copy away."""
    victim = load_victim(folder, "lite0", None, tmp_path, CPU, SETTINGS)
    assert victim.network.copy_dim == victim.embedder.card.copy_dim > 0
    subjects = draw_subjects(parts, victim.known, 2, 0, SETTINGS)
    part = victim.embedder.card.copy_part
    tensors = victim.as_tensors([to_tensor(image) for image in subjects.copies]).embeddings
    images = victim.as_images(subjects.copies, 1).embeddings
    assert cosine_distances(part(tensors), part(images)).max() < 0.03
    runner = Runner(victim, subjects, tmp_path / "runs", 0, 1)
    before, after = (runner.do(Run("evade", FGSM, budget, "lite0"))[0] for budget in (0.0, 0.02))
    assert before["distance_mean"] == pytest.approx(0, abs=1e-6)
    assert after["distance_mean"] > 0.01


def test_copies_are_edited_in_turn(done: tuple[Runner, Path]) -> None:
    subjects = done[0].subjects
    for place, (original, copy) in enumerate(zip(subjects.originals, subjects.copies, strict=True)):
        name = ("crop-80", "jpeg-40")[place % 2]
        assert copy.tobytes() == ALTERATIONS[name].apply(original).tobytes()
    assert subjects.copies[0].size != subjects.originals[0].size
    assert subjects.copies[1].size == subjects.originals[1].size


def test_targets_are_of_another_class(done: tuple[Runner, Path]) -> None:
    runner = done[0]
    for path, row in zip(runner.subjects.paths, runner.subjects.targets, strict=True):
        assert runner.victim.known.paths[row].parent != path.parent
