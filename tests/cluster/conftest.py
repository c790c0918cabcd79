"""Everything here needs the extra ``cluster``. Object stores are servers, each a process on the loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

import ray_quietly  # noqa: F401  first: it sets what Ray reads when it is imported
from lookalike.cluster.rows import Row
from lookalike.cluster.table import Table
from lookalike.store import FileStamp
from ray_nodes import wait_for

DIM = 8
S3 = shutil.which("moto_server")
GCS = shutil.which("gcp-storage-emulator")


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return str(tmp_path / "pictures.lance")


@pytest.fixture
def table(uri: str) -> Table:
    return Table.create(uri, "tiny", "f" * 64, DIM)


@pytest.fixture(scope="session")
def unit() -> Callable[[int, int], NDArray[np.float32]]:
    """Makes (count, DIM) random rows of unit length."""

    def make(count: int, seed: int = 0) -> NDArray[np.float32]:
        rows = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    return make


@pytest.fixture(scope="session")
def rows(unit: Callable[[int, int], NDArray[np.float32]]) -> Callable[..., list[Row]]:
    """Makes rows with as many different pictures."""

    def make(count: int, seed: int = 0) -> list[Row]:
        digests = np.random.default_rng(seed).bytes(32 * count)
        return [
            Row(
                digests[32 * i : 32 * i + 32],
                (Path(f"/shared/{seed}/{i}.jpg"),),
                FileStamp(i, 7),
                "JPEG",
                3,
                4,
                v,
            )
            for i, v in enumerate(unit(count, seed))
        ]

    return make


@contextmanager
def running(*command: str) -> Iterator[str]:
    """The address of a server, whose command is given ``PORT`` in place of its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    arguments = [port if part == "PORT" else part for part in command]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def up() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(url).status_code < 500
        return False

    try:
        wait_for(up)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """Address of a server that speaks S3."""
    if S3 is None:
        pytest.skip("moto_server is not installed")
    with running(S3, "-H", "127.0.0.1", "-p", "PORT") as url:
        yield url


@pytest.fixture
def bucket(store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket, which this process finds by its environment."""
    for name, value in {
        "AWS_ENDPOINT_URL": store,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{store}/moto-api/reset")
    assert httpx.put(f"{store}/pictures").status_code == 200
    return "s3://pictures"


@pytest.fixture(scope="session")
def google_store() -> Iterator[str]:
    """Address of a server that speaks Google's protocol, and has a bucket ``pictures``."""
    if GCS is None:
        pytest.skip("gcp-storage-emulator is not installed")
    options = ("--host", "127.0.0.1", "--port", "PORT", "--in-memory", "--default-bucket", "pictures")
    with running(GCS, "start", *options) as url:
        yield url


@pytest.fixture
def google_bucket(google_store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The bucket, which pyarrow finds by the environment; nobody has to say who asks."""
    monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", google_store)
    return "gs://anonymous@pictures"


@pytest.fixture(scope="session")
def google_xml() -> Iterator[str]:
    """Address of a server for Google's XML interface, by which Lance keeps tables; pyarrow uses the other.

    It is moto's for S3: as far as Lance goes, both interfaces are the same but for the name of a header.
    """
    moto, serving = pytest.importorskip("moto.server"), pytest.importorskip("werkzeug.serving")
    s3 = moto.DomainDispatcherApplication(moto.create_backend_app)

    def answer(environ: dict[str, Any], start: Any) -> Any:
        if environ.get("HTTP_X_GOOG_IF_GENERATION_MATCH") == "0":
            environ["HTTP_IF_NONE_MATCH"] = "*"  # both: write only what is not there
        return s3(environ, start)

    server = serving.make_server("127.0.0.1", 0, answer, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def google_tables(google_bucket: str, google_xml: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty folder for a table and what lies beside it, found by the environment."""
    for name, value in {
        "GOOGLE_BASE_URL": google_xml,
        "GOOGLE_STORAGE_TOKEN": "nothing",
        "ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    assert httpx.put(f"{google_xml}/pictures").status_code in (200, 409)  # it stays from test to test
    return f"{google_bucket}/{uuid4()}"
