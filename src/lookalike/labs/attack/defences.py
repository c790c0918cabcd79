"""What may help against attacks, measured on the same pictures as the attacks themselves.

The attacker knows of none of these rules. One who does aims at the defended program: a defence that fails
here needs no stronger attacker, and one that holds here may still fall to one. Each rule's price is measured
too: the share of honest edited copies that it finds, and of strangers that it takes for the same picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike import alterations as alter
from lookalike.embed import ModelCard
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.labs.attack.judge import Seen, bits_apart, bits_within, cosine_distances, judge
from lookalike.labs.attack.runs import Run, Runner
from lookalike.labs.attack.transfer import classic, near
from lookalike.labs.attack.victim import embed_all
from lookalike.labs.shared.classic_hashes import Bits
from lookalike.labs.shared.pictures import open_whole
from lookalike.settings import Settings

JITTERS = 8
LEAST_AREA = 0.85
SECRET_SEEDS = (1, 2, 3)
SECOND_HASH = "PDQ"
AVERAGING = "averaging over jitters"
BOTH, EITHER = f"{SECOND_HASH} must match too", f"{SECOND_HASH} may match instead"


@dataclass(frozen=True, slots=True)
class Views:
    """Some pictures in every way that a rule looks at them.

    Attributes:
        plain: (n, dim) embeddings.
        averaged: (n, dim) mean embeddings of jittered views.
        second: (n, bytes) hashes of another kind.
    """

    plain: Vectors
    averaged: Vectors
    second: Bits


Rule = Callable[[Views, Views, ModelCard], NDArray[np.bool_]]
"""Queries (n), known pictures (m) and the embedder's card to which of them count as the same, (n, m)."""


def _within(queries: Vectors, known: Vectors, card: ModelCard) -> NDArray[np.bool_]:
    return np.asarray(1 - card.copy_part(queries) @ card.copy_part(known).T <= card.same_distance)


def _plain(queries: Views, known: Views, card: ModelCard) -> NDArray[np.bool_]:
    return _within(queries.plain, known.plain, card)


def _averaged(queries: Views, known: Views, card: ModelCard) -> NDArray[np.bool_]:
    return _within(queries.averaged, known.plain, card)


def _both(queries: Views, known: Views, card: ModelCard) -> NDArray[np.bool_]:
    return _plain(queries, known, card) & near(queries.second, known.second)


def _either(queries: Views, known: Views, card: ModelCard) -> NDArray[np.bool_]:
    return _plain(queries, known, card) | near(queries.second, known.second)


RULES: Mapping[str, Rule] = MappingProxyType({AVERAGING: _averaged, BOTH: _both, EITHER: _either})


class Defended:
    """A runner's pictures, judged by rules that its attacks did not know."""

    def __init__(self, runner: Runner, settings: Settings) -> None:
        """Look at what is not attacked.

        Args:
            runner: holds attacked pictures.
            settings: limits of pictures.
        """
        self._runner, self._card = runner, runner.victim.embedder.card
        known, subjects = runner.victim.known, runner.subjects
        self._originals, self._copies = self.look(subjects.originals), self.look(subjects.copies)
        self._targets = self.look([open_whole(known.paths[row], settings) for row in subjects.targets])

    def look(self, images: list[Image.Image]) -> Views:
        """Describe pictures in every way that a rule needs: whole, by small crops, by a classic hash."""
        embedder, threads = self._runner.victim.embedder, self._runner.threads
        return Views(
            embed_all(embedder, images, threads), jittered(self._runner, images), classic(SECOND_HASH, images)
        )

    def rules(self, run: Run) -> list[dict[str, Any]]:
        """Entries for the result file, one per rule."""
        now, evades = self.look(self._runner.pictures(run)), run.objective == "evade"
        start, wanted = (self._copies, self._originals) if evades else (self._originals, self._targets)
        entries = []
        for name, rule in RULES.items():
            before, after = (rule(views, wanted, self._card).diagonal() for views in (start, now))
            hit = ~after[before] if evades else after[~before]
            entries.append(
                {
                    **run.facts(defence=name),
                    **(self._searched(run, start, now) if name == AVERAGING else {}),
                    "success": float(hit.mean()) if len(hit) else None,
                    "counted": len(hit),
                    **self._price(rule),
                }
            )
        return entries

    def prices(self) -> list[dict[str, Any]]:
        """What each rule costs while nobody attacks; the first entry is the program without a defence."""
        return [{"defence": name, **self._price(rule)} for name, rule in ((None, _plain), *RULES.items())]

    def _price(self, rule: Rule) -> dict[str, float | int]:
        places, targets = self._runner.subjects.places, self._runner.subjects.targets
        classes = np.array([path.parent.name for path in self._runner.victim.known.paths])
        strangers = classes[places][:, None] != classes[targets][None]
        return {
            "clean_found": float(rule(self._copies, self._originals, self._card).diagonal().mean()),
            "strangers_matched": float(rule(self._originals, self._targets, self._card)[strangers].mean()),
            "strangers": int(strangers.sum()),
        }

    def _searched(self, run: Run, start: Views, now: Views) -> dict[str, Any]:
        """All that ``judge`` says, of the averaged embeddings."""
        clean, attacked = (Seen(views.averaged, None) for views in (start, now))
        known = self._runner.victim.known.vectors
        return judge(clean, attacked, self._runner.aim(run.objective), known, self._card)


def jittered(runner: Runner, images: list[Image.Image]) -> Vectors:
    """The mean embedding of several slightly cropped views of each picture, (n, dim) unit rows."""
    generator = np.random.default_rng(0)  # the program's own; the attacker does not know it
    total: Vectors | None = None
    for _ in range(JITTERS):
        views = [
            alter.crop(image, generator.uniform(LEAST_AREA, 1), (generator.random(), generator.random()))
            for image in images
        ]
        part = embed_all(runner.victim.embedder, views, runner.threads)
        total = part if total is None else total + part
    return unit_rows(np.asarray(total, np.float32))


def secret_planes(runner: Runner, run: Run) -> dict[str, Any]:
    """Hashes are made with hyperplanes that the attacker, who knows the usual ones, does not know.

    ``success`` is the share of pictures whose hash comes as near the target's as hashes of pictures at the
    border are on average, under the secret hyperplanes; ``success_known`` is the same under the usual ones.
    Hashes are of whole embeddings and the border is that of the copy part, as if the whole were as far apart.
    """
    victim, aim = runner.victim, runner.aim(run.objective)
    now = embed_all(victim.embedder, runner.pictures(run), runner.threads)
    clean = embed_all(victim.embedder, runner.starts(run.objective), runner.threads)
    targets = victim.known.vectors[aim.wanted]
    card = victim.embedder.card
    border = bits_within(card.same_distance)

    def apart(embeddings: Vectors, seeds: tuple[int, ...]) -> NDArray[np.int64]:
        return np.stack([bits_apart(embeddings, targets, seed) for seed in seeds])  # (seeds, n)

    def success(seeds: tuple[int, ...]) -> float | None:
        before, after = apart(clean, seeds) <= border, apart(now, seeds) <= border
        return float(after[~before].mean()) if not before.all() else None

    known, secret = apart(now, (0,)), apart(now, SECRET_SEEDS)
    return {
        **run.facts(defence="secret hyperplanes"),
        "success": success(SECRET_SEEDS),
        "success_known": success((0,)),
        "border_bits": border,
        "target_bits_clean": float(apart(clean, (0,)).mean()),
        "target_bits_known": float(known.mean()),
        "target_bits_secret": float(secret.mean()),
        "target_bits_least": int(known.min()),
        "target_distance_mean": float(cosine_distances(*map(card.copy_part, (now, targets))).mean()),
    }
