from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from lookalike.errors import UsageError
from lookalike.settings import Limits, Settings, config_file, load_settings

IN_FILE = {
    "collection": "/in/the/file",
    "model": "from-file",
    "sights": False,
    "threads": 3,
    "max_file_bytes": 1001,
    "max_pixels": 1002,
    "max_fetch_bytes": 1003,
    "fetch_seconds": 1.5,
    "decode_seconds": 2.5,
    "max_upload_bytes": 1004,
    "upload_seconds": 3.5,
}
IN_ENVIRONMENT = {
    "collection": ("/in/the/environment", Path("/in/the/environment")),
    "model": ("from-environment", "from-environment"),
    "sights": ("yes", True),
    "threads": ("4", 4),
    "max_file_bytes": ("2001", 2001),
    "max_pixels": ("2002", 2002),
    "max_fetch_bytes": ("2003", 2003),
    "fetch_seconds": ("2.5", 2.5),
    "decode_seconds": ("3.5", 3.5),
    "max_upload_bytes": ("2004", 2004),
    "upload_seconds": ("4.5", 4.5),
}
NAMES = tuple(field.name for field in dataclasses.fields(Settings))


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file, not yet written; nothing else is set."""
    for name in [name for name in os.environ if name.startswith("LOOKALIKE_")]:
        monkeypatch.delenv(name)
    path = tmp_path / "config.toml"
    monkeypatch.setenv("LOOKALIKE_CONFIG", str(path))
    return path


def _toml(values: dict[str, object]) -> str:
    return "".join(
        f"{name} = '{value}'\n" if isinstance(value, str) else f"{name} = {str(value).lower()}\n"
        for name, value in values.items()
    )


class TestLayers:
    def test_without_any_the_defaults_hold(self) -> None:
        settings = load_settings()
        assert settings == Settings()
        assert settings.collection.parts[-2:] == ("lookalike", "collection")
        assert settings.model == "lite0"
        assert settings.max_file_bytes == 256 * 1024 * 1024
        assert settings.max_fetch_bytes == 32 * 1024 * 1024

    def test_the_file_goes_over_the_defaults(self, file: Path) -> None:
        file.write_text(_toml(IN_FILE))
        expected = {**IN_FILE, "collection": Path("/in/the/file")}
        assert dataclasses.asdict(load_settings()) == expected

    @pytest.mark.parametrize("name", NAMES)
    def test_the_environment_goes_over_the_file(
        self, name: str, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file.write_text(_toml(IN_FILE))
        text, value = IN_ENVIRONMENT[name]
        monkeypatch.setenv(f"LOOKALIKE_{name.upper()}", text)
        expected = {**IN_FILE, "collection": Path("/in/the/file"), name: value}
        assert dataclasses.asdict(load_settings()) == expected

    @pytest.mark.parametrize("name", NAMES)
    def test_flags_go_over_everything(self, name: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.write_text(_toml(IN_FILE))
        for other, (text, _) in IN_ENVIRONMENT.items():
            monkeypatch.setenv(f"LOOKALIKE_{other.upper()}", text)
        flag = {
            "collection": Path("/flag"),
            "model": "flag",
            "sights": False,
            "fetch_seconds": 9.5,
            "decode_seconds": 9.5,
            "upload_seconds": 9.5,
        }.get(name, 77)
        expected = {other: value for other, (_, value) in IN_ENVIRONMENT.items()} | {name: flag}
        assert dataclasses.asdict(load_settings({name: flag})) == expected

    def test_a_flag_that_is_none_was_not_given(self, file: Path) -> None:
        file.write_text("threads = 5")
        assert load_settings({"threads": None, "collection": None}).threads == 5

    def test_an_empty_variable_is_not_set(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An empty path would mean the working folder."""
        file.write_text("collection = '/kept'\nthreads = 2")
        monkeypatch.setenv("LOOKALIKE_COLLECTION", "")
        monkeypatch.setenv("LOOKALIKE_THREADS", "")
        settings = load_settings()
        assert (settings.collection, settings.threads) == (Path("/kept"), 2)


class TestValues:
    def test_a_home_folder_is_expanded_wherever_it_stands(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        assert load_settings({"collection": "~/flag"}).collection == tmp_path / "flag"
        file.write_text("collection = '~/file'")
        assert load_settings().collection == tmp_path / "file"
        monkeypatch.setenv("LOOKALIKE_COLLECTION", "~/variable")
        assert load_settings().collection == tmp_path / "variable"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sights", "perhaps"),
            ("sights", 2),
            ("threads", "many"),
            ("threads", -1),
            ("threads", [1]),
            ("threads", float("inf")),
            ("max_file_bytes", 0),
            ("max_file_bytes", "1 GB"),
            ("max_pixels", -5),
            ("max_fetch_bytes", ""),
            ("max_upload_bytes", 0),
            ("upload_seconds", 0),
            ("fetch_seconds", 0),
            ("fetch_seconds", "soon"),
            ("decode_seconds", 0),
            ("fetch_seconds", "nan"),
            ("fetch_seconds", float("inf")),
            ("collection", 5),
            ("collection", ""),
            ("collection", "~no-such-user-here/pictures"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_name(self, name: str, value: object) -> None:
        with pytest.raises(UsageError, match=f"setting {name} ") as caught:
            load_settings({name: value})
        assert "\n" not in str(caught.value)

    def test_threads_are_those_set_or_the_usable_cores(self) -> None:
        assert Settings(threads=7).threads == 7
        assert Settings().threads == len(os.sched_getaffinity(0))

    def test_every_limit_of_an_image_comes_from_the_settings(self) -> None:
        settings = Settings(
            max_file_bytes=11, max_pixels=12, max_fetch_bytes=13, fetch_seconds=14.5, decode_seconds=15.5
        )
        assert settings.limits == Limits(
            file_bytes=11, pixels=12, fetch_bytes=13, fetch_seconds=14.5, decode_seconds=15.5
        )
        assert Settings().limits == Limits()

    def test_settings_never_change(self) -> None:
        settings: Any = Settings()
        with pytest.raises(dataclasses.FrozenInstanceError):
            settings.threads = 2


class TestFile:
    def test_where_it_lies_by_default(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LOOKALIKE_CONFIG")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        assert config_file().name == "config.toml"
        assert config_file().parent.name == "lookalike"

    @pytest.mark.parametrize(
        ("key", "right"),
        [
            ("modle", "model"),
            ("Model", "model"),
            ("max_pixel", "max_pixels"),
            ("fetch-seconds", "fetch_seconds"),
        ],
    )
    def test_a_misspelt_key_is_named_with_the_nearest_right_one(
        self, key: str, right: str, file: Path
    ) -> None:
        file.write_text(f"{key} = 2")
        with pytest.raises(UsageError) as caught:
            load_settings()
        expected = f"settings file {file} has an unknown key {key!r}; did you mean {right!r}?"
        assert str(caught.value) == expected

    def test_a_key_like_no_other_is_named_with_all_known_ones(self, file: Path) -> None:
        file.write_text("colour = 'red'")
        with pytest.raises(UsageError, match=f"unknown key 'colour'; known are {', '.join(NAMES)}"):
            load_settings()

    @pytest.mark.parametrize("content", [b"threads = ", b"model = '\xff'", b"threads: 2", b"\x00"])
    def test_what_is_not_toml_is_refused_by_path(self, content: bytes, file: Path) -> None:
        file.write_bytes(content)
        with pytest.raises(UsageError, match="settings file") as caught:
            load_settings()
        assert str(file) in str(caught.value)

    def test_a_bad_value_in_it_is_refused_even_if_it_is_in_the_environment(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOOKALIKE_MAX_PIXELS", "0")
        with pytest.raises(UsageError, match="max_pixels must be above 0, not 0"):
            load_settings()


class TestVariables:
    @pytest.mark.parametrize(
        ("variable", "right"),
        [
            ("LOOKALIKE_MODLE", "LOOKALIKE_MODEL"),
            ("LOOKALIKE_COLECTION", "LOOKALIKE_COLLECTION"),
            ("LOOKALIKE_MAX_PIXEL", "LOOKALIKE_MAX_PIXELS"),
            ("LOOKALIKE_TOKENS", "LOOKALIKE_TOKEN"),
            ("lookalike_model", "LOOKALIKE_MODEL"),
        ],
    )
    def test_a_misspelt_one_is_named_with_the_nearest_right_one(
        self, variable: str, right: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, "2")
        with pytest.raises(UsageError) as caught:
            load_settings()
        assert str(caught.value) == f"{variable} is no variable of this program; did you mean {right}?"

    @pytest.mark.parametrize("name", ["PORT", "PORT_8000_TCP", "SERVICE_HOST", "SERVER", "TOKEN", "CACHE"])
    def test_those_of_the_program_and_of_other_programs_are_left_alone(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(f"LOOKALIKE_{name}", "2")
        assert load_settings() == Settings()

    def test_a_misspelt_one_that_is_empty_is_not_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOOKALIKE_MODLE", "")
        assert load_settings() == Settings()
