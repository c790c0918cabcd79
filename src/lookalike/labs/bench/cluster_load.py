"""Clients of a served table that check every answer: several search, one adds pictures."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import httpx
import numpy as np
from PIL import Image

_PAUSE = 0.25  # seconds after a request that failed
_ASKED, _FOUND = 20, 5  # images that are asked for, and those of the nearest that are checked


@dataclass(slots=True)
class Outcome:
    """What clients met.

    Attributes:
        waits: seconds of each search that was answered.
        failed: why each search failed that was not answered with 200, in the words of the answer or of the
            client.
        wrong: what was wrong with answers, a line each.
        added: ids of pictures whose addition was acknowledged.
        refused: additions that were not.
    """

    waits: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    refused: int = 0

    def percentile(self, share: float) -> float:
        """Seconds that this share of the searches took at most."""
        return float(np.quantile(self.waits, share)) if self.waits else float("nan")


class Load:
    """Clients that ask until the block ends."""

    def __init__(
        self, url: str, nearest: Mapping[int, Sequence[int]], clients: int = 8, *, add: bool = True
    ) -> None:
        """Start nothing yet.

        Args:
            url: of the server.
            nearest: for each image to ask with, the images that a search must find, in their order; what was
                added since may lie between them.
            clients: how many search at a time.
            add: whether one more adds pictures.
        """
        self.url, self.outcome = url, Outcome()
        self._nearest, self._known = dict(nearest), {i for ids in nearest.values() for i in ids}
        self._over = threading.Event()
        work = [*((self._search, number) for number in range(clients)), *([(self._add, 0)] if add else [])]
        self._threads = [threading.Thread(target=call, args=(number,)) for call, number in work]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Tell all clients to send nothing more."""
        self._over.set()

    def __exit__(self, *_: object) -> None:
        self.stop()
        for thread in self._threads:
            thread.join()

    def _search(self, number: int) -> None:
        drawn = np.random.default_rng(number)
        asked = list(self._nearest)
        with httpx.Client(base_url=self.url, timeout=30) as client:
            while not self._over.is_set():
                image_id = asked[int(drawn.integers(len(asked)))]
                started = time.monotonic()
                try:
                    answer = client.post(
                        "/v1/search", data={"image_id": image_id, "k": _ASKED, "exact": True}
                    )
                except httpx.HTTPError as error:
                    self.outcome.failed.append(type(error).__name__)
                else:
                    if answer.status_code == 200:
                        self.outcome.waits.append(time.monotonic() - started)
                        self._check(image_id, _by_distance(answer))
                        continue
                    self.outcome.failed.append(_why(answer))
                self._over.wait(_PAUSE)

    def _check(self, image_id: int, found: list[int]) -> None:
        """The nearest must be there, and fewer of them only if what was added since fills the answer."""
        known = [i for i in found if i in self._known][:_FOUND]
        true = list(self._nearest[image_id])[: _FOUND if len(found) < _ASKED else len(known)]
        if sorted(known) != sorted(true):
            self.outcome.wrong.append(f"image {image_id}: {known} instead of {true} among {len(found)}")

    def _add(self, _: int) -> None:
        drawn = np.random.default_rng(time.time_ns())
        with httpx.Client(base_url=self.url, timeout=60) as client:
            while not self._over.is_set():
                picture = picture_of(drawn)
                with suppress(httpx.HTTPError):
                    answer = client.post("/v1/images", files={"files": ("drawn.png", picture)})
                    if answer.status_code == 200:
                        image_id = answer.json()["added"][0]["image_id"]
                        self.outcome.added.append(image_id)
                        self._find(client, image_id)
                        continue
                self.outcome.refused += 1
                self._over.wait(_PAUSE)

    def _find(self, client: httpx.Client, image_id: int) -> None:
        """A picture whose addition was acknowledged must be found by the next search."""
        with suppress(httpx.HTTPError):
            answer = client.post("/v1/search", data={"image_id": image_id, "k": _ASKED, "exact": True})
            found = (
                [match["image_id"] for match in answer.json()["matches"]]
                if answer.status_code == 200
                else None
            )
            # Ray's proxy says 404, too, while it has no router
            gone = _why(answer).startswith("404: there is no image")
            if gone or (found is not None and image_id not in found):
                self.outcome.wrong.append(f"image {image_id} was added and not found: {found}")


def _why(answer: httpx.Response) -> str:
    """Why a request was not answered as it should be."""
    told = answer.headers.get("content-type", "").endswith("json")
    return f"{answer.status_code}: {answer.json().get('detail') if told else answer.text[:60]}"


def _by_distance(answer: httpx.Response) -> list[int]:
    """The images that were found, the nearest first; answers themselves put copies first."""
    matches = sorted(answer.json()["matches"], key=lambda match: (match["distance"], match["image_id"]))
    return [match["image_id"] for match in matches]


def picture_of(drawn: np.random.Generator) -> bytes:
    """A small picture of noise, encoded."""
    file = io.BytesIO()
    Image.fromarray(drawn.integers(0, 256, (48, 48, 3), np.uint8).repeat(3, 0).repeat(3, 1)).save(file, "PNG")
    return file.getvalue()
