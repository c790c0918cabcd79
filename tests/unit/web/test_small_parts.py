"""Names, options, admission and sampling, each by itself."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from lookalike import errors
from lookalike.errors import Busy
from lookalike.index import LSHIndex
from lookalike.store import ImageFacts
from lookalike.web.admission import Admission
from lookalike.web.guard import host_name
from lookalike.web.metrics import Metrics
from lookalike.web.options import ServerOptions, is_loopback
from lookalike.web.pipeline import Pipeline
from lookalike.web.problems import problem_of
from lookalike.web.replies import Reply
from lookalike.web.sampling import RecallSampler
from lookalike.web.schemas import ImageAnswer


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8000", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[::1]:8000", "::1"),
        ("", None),
        (":80", None),
        ("a:b", None),
        ("a:80:80", None),
        ("[::1", None),
        ("[]", None),
        ("[::1]80", None),
        ("a:８０", None),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str | None) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    ("host", "local", "everywhere"),
    [
        ("127.0.0.1", True, False),
        ("127.8.8.8", True, False),
        ("::1", True, False),
        ("localhost", True, False),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("192.168.0.1", False, False),
        ("localhost.example", False, False),
    ],
)
def test_who_can_reach_a_host(host: str, local: bool, everywhere: bool) -> None:
    assert (is_loopback(host), ServerOptions(Path("/c"), host).everywhere) == (local, everywhere)


@pytest.mark.parametrize("token", [None, "secret"])
def test_options_reach_other_processes(token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_SERVER", "")
    monkeypatch.setenv("LOOKALIKE_TOKEN", "another")
    options = ServerOptions(Path("/a/collection"), "::1", ("a.example", "b.example"), token, 7, 3)
    options.export()
    assert ServerOptions.from_environment() == options
    assert options.names == {"localhost", "127.0.0.1", "::1", "a.example", "b.example"}


def test_admission_counts_and_gives_back() -> None:
    admission = Admission(3)
    with admission.place(2), admission.place():
        assert admission.full
        with pytest.raises(Busy), admission.place():
            pass
        assert admission.inside == 3
    with pytest.raises(ZeroDivisionError), admission.place(3):
        _ = 1 / 0
    assert admission.inside == 0
    with pytest.raises(Busy), admission.place(4):
        pass
    assert admission.inside == 0


def test_every_error_of_the_package_has_a_status() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ImageError | errors.LookalikeError)
    ]
    for kind in kinds:
        problem = problem_of(kind("what was wrong"))
        members = json.loads(bytes(problem.body))
        assert members["detail"] == "what was wrong"
        assert members["status"] == problem.status_code
        assert 400 <= problem.status_code < 600
        assert members["type"] == f"urn:lookalike:problem:{kind.kind}"
    assert problem_of(Busy("x")).status_code == 503
    assert problem_of(errors.FetchError("x")).status_code == 422  # that of ImageError, which it hangs from


def test_a_reply_holds_names_that_are_no_text() -> None:
    """A byte that is not UTF-8 comes back by ``os.fsencode``, as everywhere in this program."""
    path = Path(os.fsdecode(b"/a/\xff.jpg"))
    facts = ImageFacts(7, bytes(32), "JPEG", 2, 1, (path,), np.zeros(4, np.float32))
    reply = Reply(ImageAnswer.of(facts, missing=[], files_missing=True))
    found = json.loads(bytes(reply.body))
    assert os.fsencode(found.pop("paths")[0]) == b"/a/\xff.jpg"
    expected = {"image_id": 7, "sha256": "0" * 64, "format": "JPEG", "width": 2, "height": 1}
    assert found == {**expected, "missing": [], "files_missing": True}
    with pytest.raises(AttributeError):
        ImageAnswer.of(facts)


class TestSampling:
    @staticmethod
    def index(rows: int) -> LSHIndex:
        made = LSHIndex(16)
        if rows:
            made.add(np.arange(rows), np.random.default_rng(0).standard_normal((rows, 16)))
        return made

    def sampled(self, index: LSHIndex, *queries: np.ndarray) -> float | None:
        with closing(Pipeline(1)) as pipeline:
            sampler = RecallSampler(pipeline, lambda: index, Metrics())
            for query in queries:
                sampler.remember(query.astype(np.float32))
                asyncio.run(sampler.sample())
            return sampler.recall

    def test_a_scan_finds_all(self) -> None:
        random = np.random.default_rng(1)
        assert self.sampled(self.index(200), *random.standard_normal((3, 16))) == 1.0

    def test_what_was_missed_is_seen(self) -> None:
        """An index that looks into half of its rows, so that the share it misses can be counted here."""
        index = self.index(400)
        queries = np.random.default_rng(1).standard_normal((20, 16))
        half = np.arange(200)

        class Half(LSHIndex):
            def search(self, queries, k, *, exact=False, **_):  # type: ignore[no-untyped-def]
                return index.search(queries, k, exact=True, among=None if exact else half)

        true = index.search(queries, 10, exact=True).ids
        assert self.sampled(Half(16), *queries) is None  # it is empty
        known = Half(16)
        known.add([0], np.ones((1, 16)))
        nearest = true[:, 0]
        assert self.sampled(known, *queries) == pytest.approx(np.mean(nearest < 200))

    def test_nothing_to_find_is_no_sample(self) -> None:
        assert self.sampled(self.index(0), np.ones(16)) is None
        assert self.sampled(self.index(5), np.ones(8)) is None
