from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from lookalike.labs.view.drawing import draw_map
from lookalike.labs.view.mapping import PictureMap, make_map
from lookalike.labs.view.page import render_page
from lookalike.labs.view.points import Points
from lookalike.labs.view.projection import METHODS
from lookalike.labs.view.thumbnails import COLUMNS, ROWS, Sheets, make_sheets
from lookalike.settings import Settings
from parsed import Page

HOSTILE = os.fsdecode(b"<script>alert(1)<!--&amp;\n\xff")
SHOWN = "<script>alert(1)<!--&amp;\\n\\udcff"


class MapPage(Page):
    """The page, with the facts that its script reads."""

    @property
    def data(self) -> dict[str, Any]:
        (place,) = [n for n, tag in enumerate(self.all("script")) if tag.get("id") == "data"]
        facts: dict[str, Any] = json.loads(self.text("script")[place])
        return facts


def colour(number: int) -> tuple[int, int, int]:
    return (40 + 5 * number, 200 - 4 * number, 30 + 20 * (number % 9))


def points(folder: Path, names: tuple[str, ...] = ("ant", "bee", HOSTILE)) -> Points:
    """Twelve pictures of one colour in each of some folders; each folder's embeddings form a cluster."""
    random = np.random.default_rng(8)
    paths, rows = [], []
    for name in names:
        (folder / name).mkdir()
        middle = random.standard_normal(24)
        for number in range(12):
            paths.append(folder / name / (f"{HOSTILE}.png" if number == 3 else f"{number}.png"))
            Image.new("RGB", (90, 60), colour(len(rows))).save(paths[-1])
            rows.append(middle + 0.3 * random.standard_normal(24))
    vectors = np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)
    return Points(HOSTILE, 99, HOSTILE, paths, vectors.astype(np.float32))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PictureMap:
    return make_map(points(tmp_path_factory.mktemp("pictures")), limit=36, seed=0)


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> PictureMap:
    return make_map(points(tmp_path_factory.mktemp("flat"), ("only",)), limit=36, seed=0)


@pytest.fixture(scope="module")
def sheets(made: PictureMap) -> Sheets:
    return make_sheets(made.points.paths, Settings(threads=2))


@pytest.fixture(scope="module")
def html(made: PictureMap, sheets: Sheets) -> str:
    return render_page(made, sheets)


@pytest.fixture(scope="module")
def page(html: str) -> MapPage:
    return MapPage(html)


def test_the_page_is_well_formed_and_labelled(page: MapPage) -> None:
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    identifiers = [value for _, attributes in page.tags if (value := attributes.get("id"))]
    assert len(set(identifiers)) == len(identifiers)
    labelled = {tag.get("for") for tag in page.all("label")}
    for attributes in page.all("input"):
        assert attributes["type"] == "radio" or attributes["id"] in labelled
    for _, attributes in page.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(name) is None or attributes[name] in identifiers


def test_nothing_is_loaded_from_elsewhere(page: MapPage, html: str) -> None:
    outside = re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", html)
    assert not re.search(
        r"https?:|[\"'(=\s]//[a-z]|url\(|@import|\bfetch\b|XMLHttpRequest|import\(|\beval\b", outside
    )
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"link", "iframe", "object", "embed", "form", "base", "audio", "video"})
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "href")]
        assert "src" not in attributes or (
            tag == "img" and str(attributes["src"]).startswith("data:image/jpeg;")
        )


def test_the_policy_allows_this_style_this_script_and_data_images_only(page: MapPage) -> None:
    (policy,) = [tag["content"] for tag in page.all("meta") if "Policy" in str(tag.get("http-equiv"))]
    (style,) = page.text("style")
    (script,) = [
        text for text, tag in zip(page.text("script"), page.all("script"), strict=True) if "type" not in tag
    ]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{hashes[0]}'; "
        f"script-src 'sha256-{hashes[1]}'; base-uri 'none'; form-action 'none'"
    )


def test_hostile_names_are_data_and_nothing_else(page: MapPage, html: str) -> None:
    assert len(page.all("script")) == 2
    assert page.data["names"].count(f"{SHOWN}.png") == 3
    assert SHOWN in page.data["classes"]
    assert f"From {SHOWN}, as {SHOWN} sees them" in page.text("p")[1]
    assert "<script>alert" not in html
    html.encode("utf-8")


def test_neighbours_are_those_of_an_exact_search(page: MapPage, made: PictureMap) -> None:
    rows = made.points.vectors.astype(np.float64)
    cosines = rows @ rows.T
    order = np.argsort(-cosines + 9 * np.eye(len(rows)), axis=1)[:, :8]
    assert page.data["neighbours"] == order.tolist()
    np.testing.assert_allclose(
        page.data["similarities"], np.take_along_axis(cosines, order, axis=1), atol=6e-5
    )


def test_maps_fill_the_square_and_keep_their_shape(page: MapPage, made: PictureMap) -> None:
    assert list(page.data["maps"]) == list(METHODS)
    for name, places in made.projection.places.items():
        shown = np.array(page.data["maps"][name]).reshape(-1, 2)
        assert np.abs(shown).max() == pytest.approx(1, abs=1e-4)
        factor = np.ptp(shown[:, 0]) / np.ptp(places[:, 0])
        np.testing.assert_allclose(shown - shown[0], factor * (places - places[0]), atol=3e-4)


def test_classes_keys_and_crowding(page: MapPage, made: PictureMap) -> None:
    data = page.data
    names = [data["classes"][label] for label in data["labels"]]
    assert names == [SHOWN if "<" in path.parent.name else path.parent.name for path in made.points.paths]
    assert data["keys"] == made.keys.tolist()
    assert data["bits"] == len(data["crowding"]) == 8
    for bits, row in enumerate(data["crowding"], 1):
        short = np.array(data["keys"]) >> (8 - bits)
        assert row["buckets"] == len(set(short.tolist()))
        assert row["largest"] == max(np.bincount(short))


def test_every_picture_is_on_a_sheet(page: MapPage, made: PictureMap) -> None:
    side = page.data["sheet"]["side"]
    assert page.data["sheet"] == {"side": side, "columns": COLUMNS, "rows": ROWS}
    (tag,) = page.all("img")
    with Image.open(BytesIO(base64.b64decode(str(tag["src"]).partition(",")[2], validate=True))) as sheet:
        assert (sheet.format, sheet.size) == ("JPEG", (COLUMNS * side, 2 * side))
        pixels = np.asarray(sheet, np.float64)
    for number in range(len(made.points.paths)):
        row, column = divmod(number, COLUMNS)
        tile = pixels[row * side : (row + 1) * side, column * side : (column + 1) * side]
        np.testing.assert_allclose(tile.mean(axis=(0, 1)), colour(number), atol=4)


def test_sheets_end_and_missing_pictures_are_grey(tmp_path: Path) -> None:
    there = tmp_path / "there.png"
    Image.new("RGB", (30, 30), (250, 10, 10)).save(there)
    paths = [there] * (COLUMNS * ROWS) + [tmp_path / "gone.png", there]
    made = make_sheets(paths, Settings(threads=2))
    assert made.missing == 1
    shapes = []
    for file in made.files:
        with Image.open(BytesIO(file)) as sheet:
            shapes.append((sheet.width // made.side, sheet.height // made.side))
            last = np.asarray(sheet, np.float64)
    assert shapes == [(COLUMNS, ROWS), (COLUMNS, 1)]
    np.testing.assert_allclose(last[:, : made.side].mean(axis=(0, 1)), 128, atol=3)
    np.testing.assert_allclose(last[:, made.side : 2 * made.side].mean(axis=(0, 1)), (250, 10, 10), atol=4)


def test_the_numbers_are_told(page: MapPage, made: PictureMap) -> None:
    def told(*values: float | None) -> list[str]:
        return ["–" if value is None else f"{value:.2f}".replace("-", "\u2212") for value in values]

    rows = {name: cells for name, *cells in page.cells[1:]}
    assert list(rows) == ["Embedding", "t-SNE", "t-SNE after PCA", "PCA"]
    assert rows["Embedding"] == told(made.embedding.silhouette, made.embedding.neighbour_agreement, None)
    measured = made.maps["pca"]
    assert rows["PCA"] == told(measured.silhouette, measured.neighbour_agreement, measured.trustworthiness)


def test_the_same_map_gives_the_same_page(made: PictureMap, html: str) -> None:
    again = make_map(made.points, limit=36, seed=0)
    assert render_page(again, make_sheets(again.points.paths, Settings(threads=1))) == html


def test_facts_are_json(made: PictureMap) -> None:
    facts = json.loads(json.dumps(made.facts()))
    assert (facts["points"], facts["classes"]) == (36, 3)
    assert facts["methods"].keys() == {"pca", "tsne", "tsne_direct"}
    for method in facts["methods"].values():
        assert method.keys() == {"silhouette", "trustworthiness", "neighbour_agreement"}
    assert facts["embedding"].keys() == {"silhouette", "neighbour_agreement"}
    assert facts["embedding"]["neighbour_agreement"] == 1
    assert len(facts["explained_variance"]) == 2
    assert facts["settings"]["seed"] == 0


class TestOneClass:
    def test_numbers_by_class_are_missing(self, flat: PictureMap) -> None:
        facts = flat.facts()
        assert facts["embedding"] == {"silhouette": None, "neighbour_agreement": None}
        assert facts["methods"]["tsne"]["silhouette"] is None
        assert 0 < facts["methods"]["tsne"]["trustworthiness"] <= 1

    def test_page_and_drawing_say_so(self, flat: PictureMap) -> None:
        page = Page(render_page(flat, make_sheets(flat.points.paths, Settings(threads=1))))
        assert "All pictures lie in one folder, so there is one class." in page.text("p")
        assert page.cells[1] == ["Embedding", "–", "–", "–"]
        texts = [text.get_text() for text in draw_map(flat).texts]
        assert any("all pictures lie in one folder" in text for text in texts)


class TestDrawing:
    def test_every_class_is_drawn_where_it_lies(self, made: PictureMap) -> None:
        figure = draw_map(made)
        assert [axes.get_title(loc="left") for axes in figure.axes] == list(METHODS.values())
        for axes, places in zip(figure.axes, made.projection.places.values(), strict=True):
            drawn = [
                np.asarray(cloud.get_offsets()) for cloud in axes.collections if len(cloud.get_offsets())
            ]
            expected = [places[made.points.labels == label] for label in range(3)]
            for cloud, own in zip(drawn, expected, strict=True):
                np.testing.assert_allclose(cloud, own)
        looks = [tuple(cloud.get_facecolor()[0]) for cloud in figure.axes[0].collections[1:]]
        assert len(set(looks)) == 3

    def test_names_hide_no_other(self, made: PictureMap) -> None:
        figure = draw_map(made)
        FigureCanvasAgg(figure).draw()
        boxes = [
            text.get_window_extent()
            for text in figure.axes[0].texts
            if text.get_text() in ("ant", "bee") or "script" in text.get_text()
        ]
        assert len(boxes) == 3
        for place, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:place])
