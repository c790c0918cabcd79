"""``lookalike search``: find a picture in the collection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

import lookalike
from lookalike import Collection
from lookalike.cli.answers import NO_COPY, is_copy, say_answer, say_remark
from lookalike.cli.codes import NOT_FOUND
from lookalike.cli.grouping import grouped
from lookalike.cli.options import (
    AllowPrivateUrls,
    AsJson,
    CollectionFolder,
    Exact,
    FalseRate,
    Limit,
    MetricName,
    Recall,
    TokenFile,
)
from lookalike.cli.output import say, say_json
from lookalike.cli.standard_input import advising_private, source_of
from lookalike.cli.tokens import read_token
from lookalike.collection.answers import COPIES, Answer, Verdict
from lookalike.collection.pictures import Source
from lookalike.collection.questions import FPR, VERDICTS, Wanted, as_verdicts
from lookalike.errors import UsageError
from lookalike.settings import Settings, load_settings
from lookalike.store import keys_with_values

_COPIES = frozenset(COPIES)

_asked: list[Collection] = []
"""Kept until the process ends, which frees memory at once: to free an index of 200 MB first takes 15 ms."""


@dataclass(frozen=True)
class Effort:
    """How images are compared, and how many are shown."""

    limit: Limit = 10
    metric: MetricName = "cosine"
    exact: Exact = False
    recall: Recall = None


@dataclass(frozen=True)
class Choice:
    """Which matches are shown."""

    copies_only: Annotated[
        bool, typer.Option("--copies-only", help="Only identical images and copies; exit code 3 if none.")
    ] = False
    verdict: Annotated[
        list[str] | None,
        typer.Option(
            "--verdict",
            help=f"Only matches with this verdict: {', '.join(VERDICTS)}; repeatable, or with commas.",
        ),
    ] = None
    fpr: FalseRate = FPR
    max_distance: Annotated[
        float | None, typer.Option("--max-distance", help="Leave out matches that are farther away.")
    ] = None
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Only pictures in or below this folder.")
    ] = None

    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag", help="Only pictures with this tag; repeatable: only pictures with all of them."
        ),
    ] = None
    meta: Annotated[
        list[str] | None,
        typer.Option(
            "--meta", metavar="KEY=VALUE", help="Only pictures with this value in their metadata; repeatable."
        ),
    ] = None

    def verdicts(self) -> frozenset[Verdict] | None:
        """The verdicts that are wanted; None for all.

        Raises:
            UsageError: there is no such verdict, or the two options contradict each other.
        """
        if self.copies_only and self.verdict:
            raise UsageError("--copies-only says which verdicts are wanted; give it or --verdict")
        if self.copies_only:
            return _COPIES
        return as_verdicts(",".join(self.verdict).split(",")) if self.verdict else None


@dataclass(frozen=True)
class Elsewhere:
    """The server that is asked instead."""

    server: Annotated[
        str | None,
        typer.Option(
            "--server", metavar="URL", help="Ask the server at this address instead of a collection here."
        ),
    ] = None
    token: TokenFile = None


@grouped
def search(
    *,
    image: Annotated[
        str, typer.Argument(metavar="IMAGE|URL|-", help="A file, a web address, or - for stdin.")
    ],
    collection: CollectionFolder = None,
    effort: Effort,
    choice: Choice,
    elsewhere: Elsewhere,
    allow_private_urls: AllowPrivateUrls = False,
    as_json: AsJson = False,
) -> None:
    """Find the copies of IMAGE, and the pictures that look most like it."""
    wanted: Wanted = {
        "metric": effort.metric,
        "exact": effort.exact,
        "recall": effort.recall,
        "verdicts": choice.verdicts(),
        "fpr": choice.fpr,
        "max_distance": choice.max_distance,
        "folder": choice.folder,
        "tag": choice.tag,
        "meta": keys_with_values(choice.meta or ()),
    }
    settings = load_settings({"collection": collection})
    private = settings.limits if allow_private_urls else None
    source = source_of(image, settings.max_file_bytes, private=private)
    with advising_private():
        answer = _ask(source, settings, effort.limit, wanted, elsewhere)
    if as_json:
        say_json(
            "search/3",
            query=image,
            metric=effort.metric,
            images=answer.images,
            fpr=answer.fpr,
            expected_false=answer.expected_false,
            remark=answer.remark,
            matches=[match.facts() for match in answer.matches],
        )
    elif choice.copies_only and not answer.matches:
        say(NO_COPY)
        say_remark(answer)
    else:
        verdicts = choice.verdicts()
        say_answer(
            answer,
            copies_wanted=verdicts is None or bool(verdicts & _COPIES),
            filtered=verdicts is None
            and bool(choice.folder or choice.tag or choice.meta or choice.max_distance),
        )
    if choice.copies_only and not any(map(is_copy, answer.matches)):
        raise typer.Exit(NOT_FOUND)


def _ask(source: Source, settings: Settings, limit: int, wanted: Wanted, elsewhere: Elsewhere) -> Answer:
    if elsewhere.server is None:
        with Collection.open(settings=settings) as pictures:
            _asked.append(pictures)
            pictures.bases.expect_one_question()
            return pictures.ask(source, limit, **wanted)
    with lookalike.Client(elsewhere.server, read_token(elsewhere.token)) as client:
        return client.ask(source, limit, **wanted)
