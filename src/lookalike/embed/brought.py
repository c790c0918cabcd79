"""The embedder of vectors that were made elsewhere: it has a name and a dimension, and can embed nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import NoReturn

from PIL import Image

from lookalike.embed.base import ModelCard
from lookalike.errors import UsageError

PREFIX = "vectors:"
_NAME = re.compile(r"vectors:(?P<name>[A-Za-z0-9._-]{1,64}):(?P<dim>[1-9][0-9]{0,4})")
_SAME_DISTANCE = 0.1  # as for other networks of which nothing is known; see ``embed.described``


class BroughtEmbedder:
    """Stands for the network that made a collection's vectors, which is not here."""

    def __init__(self, name: str) -> None:
        """Take a name and a dimension.

        Args:
            name: as ``vectors:clip-b32:512``.

        Raises:
            UsageError: not such a name.
        """
        found = _NAME.fullmatch(name)
        if found is None:
            raise UsageError(
                f"{name!r} names no vectors; it must be vectors:NAME, with a NAME of letters, digits, dots, "
                "dashes and underscores"
            )
        self._network = found["name"]
        self.card = ModelCard(
            name=name,
            summary=f"vectors of {self._network!r} that were made elsewhere; it cannot embed a picture",
            licence="that of the network that made the vectors",
            dim=int(found["dim"]),
            side=1,
            same_distance=_SAME_DISTANCE,
            hash_drift=0,
        )
        self.fingerprint = hashlib.sha256(name.encode()).hexdigest()[:32]

    def embed(self, images: Sequence[Image.Image]) -> NoReturn:
        """Refuse to embed: the network that made the vectors is not here.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            f"this collection holds vectors of {self._network!r} that were made elsewhere, so it cannot "
            "embed a picture: search by one of its images or by a vector, or move it to a network that is "
            "here: lookalike reembed --model lite0"
        )
