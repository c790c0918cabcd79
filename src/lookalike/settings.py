"""Settings: command-line flags over ``LOOKALIKE_*`` environment variables over a TOML file over defaults."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, overload

from platformdirs import user_cache_path, user_config_path, user_data_path

from lookalike.disk import can_be_made, own_temporary_folder
from lookalike.errors import UsageError, reason_of
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
        decode_seconds: processor time that decoding may take, where it is done in a process of its own.
    """

    file_bytes: int = 256 * MEBIBYTE
    pixels: int = 120_000_000
    fetch_bytes: int = 32 * MEBIBYTE
    fetch_seconds: float = 15.0
    decode_seconds: float = 10.0


_DEFAULT = Limits()


class _CollectionFolder:
    """The field ``collection`` of ``Settings``: the folder that was named, or else the user's own.

    A user without a home folder (a service, a container run as another user) has no folder of their own.
    Most commands need none, so it is looked for when it is read, not when the settings are made.
    """

    @overload
    def __get__(self, settings: None, owner: type) -> None: ...
    @overload
    def __get__(self, settings: object, owner: type) -> Path: ...
    def __get__(self, settings: object | None, owner: type) -> Path | None:
        if settings is None:
            return None  # the default: no folder was named
        named: Path | None = vars(settings)["collection"]
        return named or _data_folder() / "collection"

    def __set__(self, settings: object, named: Path | None) -> None:
        if not isinstance(named, str | os.PathLike | None):
            raise UsageError(f"setting collection must be a path, not {named!r}")
        vars(settings)["collection"] = None if named is None else given(named)


@dataclass(frozen=True)
class Settings:
    """What a person may want to change once for all commands.

    Attributes:
        collection: folder that holds the catalog and the index caches; if None is given, the user's data
            folder has it. If the user has no home folder either, reading it raises a ``UsageError``.
        model: name of the embedder for new collections, or a path to an ONNX file.
        sights: whether a small picture of each image is kept in the catalog, at most 10 KB, by which answers
            are verified even if the file is out of reach.
        threads: threads of this process that decode and embed. 0 stands for one per core that the process
            may run on, and becomes that number.
        max_file_bytes: larger files are refused unread.
        max_pixels: images with more pixels are refused before they are decoded.
        max_fetch_bytes: longer answers from a URL are cut off and refused.
        fetch_seconds: the whole time a URL may take, redirects included.
        decode_seconds: processor time that decoding one picture may take in ``index``, ``reembed`` and the
            server; one that takes longer is refused.
        max_upload_bytes: longer requests to the server are refused while they arrive.
        upload_seconds: the whole time that a request to the server may take to arrive.
    """

    collection: _CollectionFolder = _CollectionFolder()
    model: str = "lite0"
    sights: bool = True
    threads: int = 0
    max_file_bytes: int = _DEFAULT.file_bytes
    max_pixels: int = _DEFAULT.pixels
    max_fetch_bytes: int = _DEFAULT.fetch_bytes
    fetch_seconds: float = _DEFAULT.fetch_seconds
    decode_seconds: float = _DEFAULT.decode_seconds
    max_upload_bytes: int = 64 * MEBIBYTE
    upload_seconds: float = 60.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.name.endswith(_LIMITS)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 < value < math.inf:
                raise UsageError(f"setting {name} must be above 0, not {value!r}")
        if not isinstance(self.threads, int) or self.threads < 0:
            raise UsageError(f"setting threads must be 0 or more, not {self.threads!r}")
        object.__setattr__(self, "threads", self.threads or usable_cores())

    @property
    def limits(self) -> Limits:
        """The settings that limit what one image may cost."""
        return Limits(
            self.max_file_bytes,
            self.max_pixels,
            self.max_fetch_bytes,
            self.fetch_seconds,
            self.decode_seconds,
        )


def usable_cores() -> int:
    """Cores that this process may run on: in a container, they can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def config_file() -> Path | None:
    """The TOML file that is read if it exists: the one that ``LOOKALIKE_CONFIG`` names, or ``config.toml`` in
    the user's config folder; None if the variable is not set and the user has no home folder.
    """
    named = os.environ.get("LOOKALIKE_CONFIG")
    if named:
        return Path(named)
    folder = _of_user(user_config_path)
    return folder / "config.toml" if folder else None


def cache_folder() -> Path:
    """The folder for what can be made or fetched again; it need not exist yet.

    It is the one that ``LOOKALIKE_CACHE`` names, or the user's cache folder. If the user has no home folder,
    or one that cannot be written to, it is a folder of this user alone among the system's temporary files.

    Raises:
        StorageError: there is no place for one.
    """
    named = os.environ.get("LOOKALIKE_CACHE")
    if named:
        return Path(named)
    folder = _of_user(user_cache_path)
    return folder if folder and can_be_made(folder) else own_temporary_folder()


def _data_folder() -> Path:
    folder = _of_user(user_data_path)
    if folder is None:
        raise UsageError(
            "there is no home folder to hold the collection; name a folder with --collection or "
            "LOOKALIKE_COLLECTION, or set HOME"
        )
    return folder


def _of_user(place: Callable[[str], Path]) -> Path | None:
    """One of the user's folders; None if the user has no home folder to hold it."""
    try:
        folder = place("lookalike")
    except (RuntimeError, KeyError):  # no HOME, and a user id without an entry in the system's list of users
        return None
    return folder if folder.is_absolute() else None


def load_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """Gather the settings of this run.

    Args:
        flags: values from the command line; ``None`` values count as not given.

    Raises:
        UsageError: a value cannot be understood, a key in the file or in ``flags`` is unknown, or the name of
            an environment variable looks like a misspelt one of ours.
    """
    known = {field.name: _CONVERTED.get(field.name, type(field.default)) for field in fields(Settings)}
    for key in sorted(set(flags or {}) - set(known)):
        raise UsageError(f"there is no setting {key!r}; known are {', '.join(known)}")
    values: dict[str, Any] = {}
    path = config_file()
    if path is not None and os.access(path, os.F_OK):
        import tomllib  # noqa: PLC0415  (2 ms that people without such a file need not wait for)

        try:
            from_file = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"settings file {path} cannot be read: {reason_of(error)}") from error
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


def settings_given(settings: Settings | None) -> Settings:
    """The settings that a caller gave, or what ``load_settings`` finds if None were given.

    Raises:
        UsageError: it is something else, such as a dict.
    """
    if not isinstance(settings, Settings | None):
        raise UsageError(f"settings must be made by Settings or load_settings, not {settings!r}")
    return settings or load_settings()


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


def _truth(value: str | bool) -> bool:
    """Yes or no, as people write it."""
    words = {"true": True, "yes": True, "on": True, "1": True}
    words |= {"false": False, "no": False, "off": False, "0": False}
    if str(value).lower() not in words:
        raise ValueError("say true or false")
    return words[str(value).lower()]


_CONVERTED: dict[str, Callable[[Any], Any]] = {"collection": _path, "sights": _truth}
"""Settings whose values are not converted by the type of their default."""
