"""Which names a walk through a folder looks at, and what it says of those that it passes by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import PurePath

from lookalike.errors import UsageError

# fmt: off
RAW_SUFFIXES = (
    ".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".raf", ".rw2", ".orf", ".pef", ".srw",
)
"""Endings of the raw files of cameras, in lower case."""

_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "AVIF": (".avif", ".avifs"),
    "HEIF": (".heic", ".heics", ".heif", ".heifs", ".hif"),
    "JPEG2000": (".jp2", ".j2k", ".jpf", ".jpx"),
    "JXL": (".jxl",),
    "RAW": RAW_SUFFIXES,
}
"""Formats by the names that decoders give them, each with the endings, in lower case, of its files."""

SUFFIXES = tuple(ending for endings in _ENDINGS.values() for ending in endings)
"""Endings, in lower case, of the files that a walk through a folder takes."""

_NO_PICTURES = frozenset((
    ".txt", ".md", ".rst", ".html", ".htm", ".css", ".js", ".ts", ".json", ".xml", ".csv", ".tsv", ".yaml",
    ".yml", ".toml", ".ini", ".cfg", ".conf", ".log", ".lock", ".pdf", ".doc", ".docx", ".xls", ".xlsx",
    ".ppt", ".pptx", ".odt", ".ods", ".odp", ".epub", ".rtf", ".tex", ".py", ".pyc", ".c", ".h", ".cpp",
    ".hpp", ".rs", ".go", ".java", ".class", ".rb", ".php", ".sh", ".bat", ".ps1", ".sql", ".ipynb",
    ".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz", ".iso", ".dmg", ".exe", ".dll",
    ".so", ".dylib", ".bin", ".deb", ".rpm", ".apk", ".jar", ".whl", ".mp3", ".flac", ".wav", ".ogg",
    ".m4a", ".aac", ".opus", ".wma", ".aif", ".mp4", ".mov", ".m4v", ".mkv", ".avi", ".webm", ".wmv",
    ".mpg", ".mpeg", ".mts", ".m2ts", ".3gp", ".srt", ".vtt", ".xmp", ".aae", ".thm", ".lrf", ".db",
    ".sqlite", ".onnx", ".npy", ".npz", ".pt", ".ttf", ".otf", ".woff", ".woff2", ".svg", ".svgz", ".eps",
    ".ai", ".psd", ".psb", ".xcf", ".kra", ".indd", ".sketch", ".fig", ".blend", ".ico", ".icns", ".cur",
    ".tga", ".ppm", ".pgm", ".pbm", ".pnm", ".exr", ".hdr", ".dds", ".pcx", ".wmf", ".emf", ".url", ".lnk",
    ".desktop", ".torrent",
))
"""Endings that say that a file is something else; it is passed by without opening it."""

_OF_PROGRAMS = frozenset((
    "@eadir", "#recycle", "#snapshot", ".thumbnails", ".trash", "$recycle.bin", "lost+found",
    "system volume information", "__macosx",
))
"""Folders, in lower case, in which systems keep thumbnails and what was thrown away."""
# fmt: on

_SUFFIX = re.compile(r"(?<=[^.])\.[A-Za-z0-9]{1,12}$")


def has_image_suffix(name: str) -> bool:
    """Whether a file called ``name`` is taken in a walk for its name alone."""
    return name.lower().endswith(SUFFIXES)


def format_named(text: str) -> str:
    """Find the format that a person means by its name (``jpeg``) or by an ending of its files (``.jpg``).

    Returns:
        The name that decoders give it, and the catalog keeps: ``JPEG``.

    Raises:
        UsageError: there is no such format.
    """
    wanted = text.strip().lower().removeprefix(".")
    for name, endings in _ENDINGS.items():
        if wanted == name.lower() or f".{wanted}" in endings:
            return name
    known = ", ".join(_ENDINGS)
    raise UsageError(f"there is no format {text[:40]!r}; there are {known}, or an ending of files, as jpg")


def may_hold_picture(name: str) -> bool:
    """Whether the name leaves open what is in the file, as ``photo.jpg_large`` or ``IMG_0001`` do."""
    return suffix(name) not in _NO_PICTURES


def suffix(name: str) -> str:
    """The ending of a name in lower case, with its dot; empty if there is none."""
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ""


def is_of_programs(folder: str) -> bool:
    """Whether a folder called so holds what programs put there, not people."""
    return folder.lower() in _OF_PROGRAMS or folder.lower().startswith(".trash-")


def is_excluded(path: PurePath, root: PurePath, globs: Sequence[str]) -> bool:
    """Whether a path is left out by one of some patterns.

    Args:
        path: a file or folder at or below ``root``.
        root: where the walk began.
        globs: as shells have them. One with a slash is compared with the path below ``root``, where ``*``
            stands for slashes too; any other against the name alone.
    """
    below = path.relative_to(root).as_posix()
    return any(fnmatch(below if "/" in glob else path.name, glob.rstrip("/")) for glob in globs)
