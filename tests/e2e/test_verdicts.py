"""Verdicts on a folder with edited copies, asked for in Python, on the command line and over HTTP."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edited import Edited, write
from lookalike import Client, Collection, Match
from pictures import draw
from program import Program
from served import Served, serving

pytestmark = pytest.mark.usefixtures("looks_are_kept")

COPIES = ("identical", "copy")
IMAGES = 52  # a few more than a collection needs to be measured


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("verdicts"))


@pytest.fixture(scope="module")
def edited(program: Program) -> Edited:
    """Indexed; no test may change it."""
    made = write(program.home / "pictures")
    assert program.here("index", "pictures").code == 0
    return made


@pytest.fixture(scope="module")
def collection(program: Program, edited: Edited) -> Iterator[Collection]:
    with Collection.open(program.collection) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(program: Program, edited: Edited) -> Iterator[Served]:
    with serving(program) as running:
        yield running


@pytest.fixture(scope="module")
def answers(collection: Collection, edited: Edited) -> dict[Path, list[Match]]:
    """What each original and every other stranger finds, among all of them."""
    return {path: collection.search(path, 24) for path in (*edited.copies, *edited.strangers[::2])}


class TestVerdicts:
    def test_every_copy_is_one_and_no_stranger(
        self, edited: Edited, answers: dict[Path, list[Match]]
    ) -> None:
        for path, matches in answers.items():
            found = {match.path: match.verdict for match in matches if match.verdict in COPIES}
            assert found == {path: "identical"} | dict.fromkeys(edited.copies.get(path, []), "copy")

    def test_chances_go_with_verdicts(self, answers: dict[Path, list[Match]]) -> None:
        """Strangers reach a chance of one in so many pairs about once in so many pairs."""
        strangers = []
        for match in (match for matches in answers.values() for match in matches):
            assert 0 <= match.p <= match.p_search <= 1
            assert match.p_search == pytest.approx(1 - (1 - match.p) ** IMAGES, abs=1e-9)
            assert (match.p == 0) == (match.verdict == "identical")
            assert (0 < match.p <= 1e-6) == (match.verdict == "copy")
            if match.verdict not in COPIES:
                strangers.append(match.p)
        assert len(strangers) > 200
        assert min(strangers) > 1e-4

    def test_a_higher_score_is_a_lower_chance(self, answers: dict[Path, list[Match]]) -> None:
        """Of images that one query finds and that are nearly as alike, the better seen one is less likely."""
        for matches in answers.values():
            seen = [match for match in matches if match.evidence is not None and match.p > 0]
            verified = [match.p for match in seen if match.evidence and match.evidence.verified]
            others = [match.p for match in seen if match.evidence and not match.evidence.verified]
            assert max(verified, default=0) < min(others, default=1)

    def test_identical_ones_come_first_then_copies_then_the_others_by_distance(
        self, answers: dict[Path, list[Match]]
    ) -> None:
        for matches in answers.values():
            assert [match.rank for match in matches] == list(range(1, len(matches) + 1))
            keys = [
                (COPIES.index(match.verdict) if match.verdict in COPIES else 2, match.distance)
                for match in matches
            ]
            assert keys == sorted(keys)

    def test_evidence_says_what_was_done(self, edited: Edited, collection: Collection) -> None:
        original, copies = next(iter(edited.copies.items()))
        turned = next(path for path in copies if "rotate-90" in path.name)
        found = {match.path: match for match in collection.search(turned, 10)}[original]
        assert found.evidence is not None
        assert abs(found.evidence.turned) == pytest.approx(90, abs=1)
        assert "turned by 90°" in found.evidence.words[0]

    def test_verdicts_do_not_depend_on_the_metric(self, edited: Edited, collection: Collection) -> None:
        original, copies = next(iter(edited.copies.items()))
        for metric in ("hamming", "manhattan"):
            matches = collection.search(original, 7, metric=metric)
            assert {match.path for match in matches} == {original, *copies}
            assert [match.verdict for match in matches] == ["identical"] + ["copy"] * 6

    def test_a_stricter_rate_calls_fewer_copies(self, edited: Edited, collection: Collection) -> None:
        original = next(iter(edited.copies))
        strict = collection.ask(original, 7, fpr=1e-15)
        assert [match.verdict for match in strict.matches][:1] == ["identical"]
        assert "copy" not in [match.verdict for match in strict.matches]
        lax = collection.ask(original, 60, fpr=1 - 1e-9)  # some of the patterns pass for collages of nine
        assert {match.verdict for match in lax.matches} == {"identical", "copy"}
        assert (strict.expected_false, lax.expected_false) == (
            pytest.approx(IMAGES * 1e-15),
            pytest.approx(IMAGES),
        )
        assert collection.ask(original, 1).expected_false == pytest.approx(IMAGES * 1e-6)

    def test_the_rate_was_measured_on_the_collection(self, program: Program, edited: Edited) -> None:
        assert program.here("status", "--json").json["calibrated_on"] == IMAGES
        assert f"false rate   measured on {IMAGES} images of this collection" in program.here("status").out


@pytest.fixture(scope="module")
def unlimited(collection: Collection, edited: Edited) -> list[Match]:
    """The nine that the first original finds if nothing else is asked for."""
    return collection.search(next(iter(edited.copies)), 9)


class TestSurfaces:
    @pytest.mark.parametrize(
        "wanted",
        [
            {},
            {"max_distance": 0.3},
            {"verdicts": {"copy"}},
            {"verdicts": ["similar", "different"]},
            {"folder": "edits"},
            {"fpr": 1e-15, "verdicts": ["similar"]},
        ],
        ids=str,
    )
    def test_all_answer_the_same(
        self,
        wanted: dict[str, Any],
        edited: Edited,
        unlimited: list[Match],
        collection: Collection,
        program: Program,
        server: Served,
    ) -> None:
        query = next(iter(edited.copies))
        if "folder" in wanted:
            wanted = {**wanted, "folder": edited.folder / wanted["folder"]}
        expected = collection.ask(query, 9, **wanted)
        assert expected.matches
        assert not wanted or expected.matches != unlimited
        assert all(match.distance <= wanted.get("max_distance", 2) for match in expected.matches)
        assert all(match.verdict in wanted.get("verdicts", [match.verdict]) for match in expected.matches)
        assert all(match.path.is_relative_to(wanted.get("folder", "/")) for match in expected.matches)
        facts = [match.facts() for match in expected.matches]
        form = {name: str(value) for name, value in wanted.items() if name != "verdicts"}
        options = [part for name, value in form.items() for part in (f"--{name.replace('_', '-')}", value)]
        if "verdicts" in wanted:
            form["verdict"] = ", ".join(wanted["verdicts"])
            options += [part for verdict in wanted["verdicts"] for part in ("--verdict", verdict)]
        said = program.here("search", query, "-k", "9", "--json", *options)
        assert (said.code, said.err) == (0, "")
        assert _nearly(said.json["matches"]) == _nearly(facts)
        assert said.json["schema"] == "lookalike.search/3"
        served = server.search(query.read_bytes(), k=9, **form)
        assert _nearly([{name: match[name] for name in facts[0]} for match in served["matches"]]) == _nearly(
            facts
        )
        for answer in (said.json, served):
            assert (answer["images"], answer["fpr"]) == (IMAGES, expected.fpr)
            assert answer["expected_false"] == expected.expected_false
        with Client(server.url) as client:
            found = client.ask(query, 9, **wanted)
        assert _nearly([match.facts() for match in found.matches]) == _nearly(facts)
        assert found.expected_false == expected.expected_false

    def test_by_the_id_of_an_image_and_several_at_once(
        self, edited: Edited, collection: Collection, server: Served
    ) -> None:
        original, copies = next(iter(edited.copies.items()))
        first = collection.search(original, 1)[0].image_id
        by_id = server.search(first, k=9)["matches"]
        assert [match["verdict"] for match in by_id][:8] == ["identical"] + ["copy"] * 6 + [
            by_id[7]["verdict"]
        ]
        assert by_id[7]["verdict"] not in COPIES
        sent = [("files", (path.name, path.read_bytes())) for path in (original, copies[0])]
        sent.append(("files", ("notes.txt", b"no picture")))
        answer = server.client.post("/v1/search/batch", data={"k": "7", "fpr": "1e-5"}, files=sent).json()
        assert answer["fpr"] == 1e-5
        for result in answer["results"][:2]:
            assert {match["verdict"] for match in result["matches"]} == set(COPIES)
            assert result["expected_false"] == pytest.approx(IMAGES * 1e-5)
        assert answer["results"][2]["expected_false"] is None

    def test_size_and_time_of_the_file(self, edited: Edited, server: Served) -> None:
        path = edited.strangers[0]
        match = server.search(path.read_bytes(), k=1)["matches"][0]
        assert match["bytes"] == path.stat().st_size
        time = datetime.strptime(match["modified"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert time.timestamp() == int(path.stat().st_mtime)

    def test_compare_by_ids_tells_the_same(
        self, edited: Edited, collection: Collection, server: Served
    ) -> None:
        original, copies = next(iter(edited.copies.items()))
        ids = [collection.search(path, 1)[0].image_id for path in (original, copies[1])]
        answer = server.client.post("/v1/compare", data={"a_id": ids[0], "b_id": ids[1]}).json()
        assert (answer["verdict"], answer["evidence"]["words"]) == ("copy", ["mirrored"])
        assert answer["p"] < 1e-6

    def test_what_was_compared_only_in_part_is_told_everywhere(
        self, edited: Edited, program: Program, collection: Collection, server: Served
    ) -> None:
        remark = "one of its several frames or pages was looked at"
        original = next(iter(edited.copies))
        moving = program.home / "moving.gif"
        draw(4).save(moving, save_all=True, append_images=[draw(5)], duration=80)
        sentence = f"Only a part of the query was compared: {remark}."
        assert sentence in program.here("search", moving).out
        assert sentence in program.here("search", moving, "--copies-only").out
        assert sentence not in program.here("search", original).out
        assert program.here("search", moving, "--json").json["remark"] == remark
        assert (collection.ask(moving).remark, collection.ask(original).remark) == (remark, "")
        (many,) = collection.search_many([moving])
        assert not isinstance(many, Exception)
        assert many.remark == remark
        with Client(server.url) as client:
            assert client.ask(moving).remark == remark
        sent = [("files", (path.name, path.read_bytes())) for path in (moving, original)]
        sent.append(("files", ("notes.txt", b"no picture")))
        results = server.client.post("/v1/search/batch", files=sent).json()["results"]
        assert [result["remark"] for result in results] == [remark, "", ""]
        pair = {"a": original.read_bytes(), "b": moving.read_bytes()}
        said = f"second picture: {remark}"
        assert server.client.post("/v1/compare", files=pair).json()["remark"] == said
        assert program.here("compare", original, moving, "--json").json["remark"] == said
        assert f"only a part     {said}" in program.here("compare", original, moving).out

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"verdict": "copied"}, "there is no verdict 'copied'"),
            ({"fpr": "0"}, "fpr:"),
            ({"fpr": "2"}, "fpr:"),
            ({"max_distance": "-1"}, "max_distance:"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, form: dict[str, str], said: str, edited: Edited, server: Served
    ) -> None:
        answer = server.ask(edited.strangers[0].read_bytes(), **form)
        assert answer.status_code == 422
        assert said in answer.json()["detail"]


class TestText:
    def test_a_rule_parts_copies_from_the_others(self, edited: Edited, program: Program) -> None:
        original = next(iter(edited.copies))
        lines = program.here("search", original, "-k", "9").out.splitlines()
        assert lines[0].split() == ["verdict", "rank", "similarity", "distance", "path"]
        (rule,) = [number for number, line in enumerate(lines) if re.fullmatch("-+", line)]
        assert {line.split()[0] for line in lines[1:rule]} == {"identical", "copy", "query:"}
        assert "  query: mirrored" in [line[line.index("  query") :] for line in lines if "query:" in line]
        assert {line.split()[0] for line in lines[rule + 1 : -1]} <= {"similar", "different"}
        assert lines[-1] == "About 1 search in 19,000 calls a different picture a copy (--fpr 1e-06)."
        lax = program.here("search", original, "--fpr", "0.1").out.splitlines()
        assert lax[-1] == "A search calls about 5 different pictures copies (--fpr 0.1)."

    def test_no_copy_is_said(self, program: Program, edited: Edited) -> None:
        stranger = program.home / "stranger.png"
        draw(5000, 320, 240).save(stranger)
        lines = program.here("search", stranger, "-k", "2").out.splitlines()
        assert lines[0] == "No copy found."
        assert not any(re.fullmatch("-+", line) for line in lines)
        alone = program.here("search", stranger, "--copies-only")
        assert (alone.code, alone.out, alone.err) == (3, "No copy found.\n", "")
        for_programs = program.here("search", stranger, "--copies-only", "--json")
        assert (for_programs.code, for_programs.json["matches"]) == (3, [])
        assert program.here("search", stranger, "--verdict", "similar,different").out.split()[0] == "verdict"

    def test_copies_only(self, edited: Edited, program: Program) -> None:
        original, copies = next(iter(edited.copies.items()))
        done = program.here("search", original, "--copies-only", "--json")
        assert done.code == 0
        assert {match["path"] for match in done.json["matches"]} == {*map(str, copies), str(original)}

    @pytest.mark.parametrize(
        "options",
        [("--verdict", "copied"), ("--fpr", "0"), ("--fpr", "1"), ("--fpr", "nan"),
         ("--copies-only", "--verdict", "copy"),
         ("--max-distance", "-1")],
    )  # fmt: skip
    def test_options_that_make_no_sense(
        self, options: tuple[str, ...], edited: Edited, program: Program
    ) -> None:
        done = program.here("search", edited.strangers[0], *options)
        assert (done.code, done.out) == (2, "")


class TestWithoutFiles:
    def test_small_pictures_serve_where_files_are_gone(self, tmp_path: Path) -> None:
        program = Program(tmp_path / "home")
        made = write(program.home / "pictures", originals=1, pictures=4, pages=0)
        assert program.here("index", "pictures").code == 0
        (original, copies), kept = next(iter(made.copies.items())), tmp_path / "query.png"
        original.rename(kept)
        shutil.rmtree(made.folder)
        found = program.here("search", kept, "--json", "-k", "7").json["matches"]
        assert [match["verdict"] for match in found] == ["identical"] + ["copy"] * 6
        assert {Path(match["path"]) for match in found} == {original, *copies}
        assert all(match["missing"] == match["paths"] for match in found)

    def test_without_them_only_the_embedding_speaks(self, tmp_path: Path) -> None:
        program = Program(tmp_path / "home")
        made = write(program.home / "pictures", originals=1, pictures=4, pages=0)
        assert program.here("index", "pictures", "--no-sights").code == 0
        original, kept = next(iter(made.copies)), tmp_path / "query.png"
        original.rename(kept)
        shutil.rmtree(made.folder)
        found = program.here("search", kept, "--json", "-k", "7").json["matches"]
        assert found[0]["verdict"] == "identical"  # the bytes are the same
        assert all(match["evidence"] is None for match in found)
        assert {match["verdict"] for match in found[1:]} <= {"similar", "different"}
        assert all(match["p"] >= 1e-5 for match in found[1:])
        assert "similar" in {match["verdict"] for match in found[1:]}
        lax = program.here("search", kept, "--json", "-k", "7", "--fpr", str(found[1]["p"])).json["matches"]
        assert {"identical", "copy"} <= {match["verdict"] for match in lax}


def _nearly(matches: list[dict[str, Any]]) -> Any:
    """Matches to compare: embedded elsewhere, a picture differs in the last digits."""
    return [
        {
            name: pytest.approx(value, rel=1e-3, abs=1e-5) if isinstance(value, float) else value
            for name, value in json.loads(json.dumps(match)).items()
        }
        for match in matches
    ]
