"""Settings: command-line flags over ``LOOKALIKE_*`` environment variables over a TOML file over defaults."""

from __future__ import annotations

import difflib
import math
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path, user_config_path, user_data_path

from lookalike.errors import UsageError
from lookalike.paths import given

MEBIBYTE = 1 << 20
_LIMITS = ("_bytes", "_pixels", "_seconds")
_PREFIX = "LOOKALIKE_"
_OTHER_VARIABLES = ("CONFIG", "CACHE", "TOKEN")
"""Variables of the program that are no settings: config file, cache folder, secret of the server."""

_INTERNAL_VARIABLES = ("SERVER",)  # from a server to the processes that it starts
_ALIKE = 0.75  # least similarity of a misspelt name to a right one, from 0 to 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one image may cost before it is refused; checked while it is read, not after.

    Attributes:
        file_bytes: longest encoded image.
        pixels: most pixels (width x height) that are decoded. A JPEG that is scaled down while it is decoded
            may have eight times as many in its file.
        fetch_bytes: longest answer taken from a URL.
        fetch_seconds: whole time a URL may take, redirects included.
    """

    file_bytes: int = 256 * MEBIBYTE
    pixels: int = 120_000_000
    fetch_bytes: int = 32 * MEBIBYTE
    fetch_seconds: float = 15.0


_DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may want to change once for all commands.

    Attributes:
        collection: folder that holds the catalog and the index caches.
        model: name of the embedder for new collections, or a path to an ONNX file.
        threads: threads of this process that decode and embed. 0 stands for one per core that the process
            may run on, and becomes that number.
        max_file_bytes: larger files are refused unread.
        max_pixels: images with more pixels are refused before they are decoded.
        max_fetch_bytes: longer answers from a URL are cut off and refused.
        fetch_seconds: the whole time a URL may take, redirects included.
        max_upload_bytes: longer requests to the server are refused while they arrive.
        upload_seconds: the whole time that a request to the server may take to arrive.
    """

    collection: Path = user_data_path("lookalike") / "collection"
    model: str = "lite0"
    threads: int = 0
    max_file_bytes: int = _DEFAULT.file_bytes
    max_pixels: int = _DEFAULT.pixels
    max_fetch_bytes: int = _DEFAULT.fetch_bytes
    fetch_seconds: float = _DEFAULT.fetch_seconds
    max_upload_bytes: int = 64 * MEBIBYTE
    upload_seconds: float = 60.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.name.endswith(_LIMITS)):
            if not 0 < getattr(self, name) < math.inf:
                raise UsageError(f"setting {name} must be above 0, not {getattr(self, name)}")
        if self.threads < 0:
            raise UsageError(f"setting threads must be 0 or more, not {self.threads}")
        object.__setattr__(self, "threads", self.threads or _usable_cores())

    @property
    def limits(self) -> Limits:
        """The settings that limit what one image may cost."""
        return Limits(self.max_file_bytes, self.max_pixels, self.max_fetch_bytes, self.fetch_seconds)


def _usable_cores() -> int:
    """Cores that this process may run on: in a container, they can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def config_file() -> Path:
    """The TOML file that is read when it exists: ``LOOKALIKE_CONFIG`` or the user's config folder."""
    named = os.environ.get("LOOKALIKE_CONFIG")
    return Path(named) if named else user_config_path("lookalike") / "config.toml"


def cache_folder() -> Path:
    """The folder for what can be made or fetched again: ``LOOKALIKE_CACHE`` or the user's cache folder."""
    named = os.environ.get("LOOKALIKE_CACHE")
    return Path(named) if named else user_cache_path("lookalike")


def load_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """Gather the settings of this run.

    Args:
        flags: values from the command line; ``None`` values count as not given.

    Raises:
        UsageError: a value cannot be understood, a key in the file is unknown, or the name of an environment
            variable looks like a misspelt one of ours.
    """
    known = {
        field.name: _path if field.name == "collection" else type(field.default) for field in fields(Settings)
    }
    values: dict[str, Any] = {}
    path = config_file()
    if path.is_file():
        try:
            from_file = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"settings file {path} cannot be read: {error}") from error
        for key in sorted(set(from_file) - set(known)):
            right = _nearest(key.lower(), known)
            hint = f"did you mean {right!r}?" if right else f"known are {', '.join(known)}"
            raise UsageError(f"settings file {path} has an unknown key {key!r}; {hint}")
        values |= from_file
    _refuse_misspelt_variables([name.upper() for name in known])
    for name in known:
        text = os.environ.get(f"{_PREFIX}{name.upper()}")
        if text:
            values[name] = text
    values |= {name: value for name, value in (flags or {}).items() if value is not None}
    return Settings(**{name: _converted(name, value, known[name]) for name, value in values.items()})


def _refuse_misspelt_variables(settings: list[str]) -> None:
    """Refuse a variable whose name is nearly one of ours; a name that is like none may be another program's.

    Cluster managers, for example, set LOOKALIKE_PORT where a service is called "lookalike".

    Raises:
        UsageError: naming the variable and the nearest right one.
    """
    right_names = [*settings, *_OTHER_VARIABLES]
    for variable, text in sorted(os.environ.items()):
        name = variable[len(_PREFIX) :]
        known = variable.startswith(_PREFIX) and name in (*right_names, *_INTERNAL_VARIABLES)
        if known or not text or not variable.upper().startswith(_PREFIX):
            continue
        right = _nearest(name.upper(), right_names)
        if right:
            raise UsageError(f"{variable} is no variable of this program; did you mean {_PREFIX}{right}?")


def _nearest(name: str, right_names: Iterable[str]) -> str | None:
    """The right name that a misspelt one is most like; None if it is like none of them."""
    return next(iter(difflib.get_close_matches(name, right_names, n=1, cutoff=_ALIKE)), None)


def _converted(name: str, value: Any, kind: Callable[[Any], Any]) -> Any:
    """``value`` as the type that the setting ``name`` has."""
    try:
        return kind(value)
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        raise UsageError(f"setting {name} cannot be {value!r}: {error}") from error


def _path(value: str | Path) -> Path:
    return given(value).expanduser()
