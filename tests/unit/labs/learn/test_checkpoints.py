from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

import networks
from lookalike.embed import ModelCard
from lookalike.embed.providers.torch_embedder import weights_digest
from lookalike.errors import DamagedError, NotFoundError, UsageError
from lookalike.labs.learn.checkpoints import load_model
from lookalike.labs.learn.downloads import download
from lookalike.labs.learn.export import export_network
from lookalike.labs.learn.models import Model, save_model

pytestmark = pytest.mark.usefixtures("slim_networks")


def _state() -> dict[str, Any]:
    """As torchvision publishes it: names without a prefix, with a head for 1,000 classes."""
    body = networks.network(projected=False).body.state_dict()
    return {**body, "fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a server would serve."""
    made = tmp_path_factory.mktemp("served")
    torch.save(_state(), made / "resnet34.pth")
    return made


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.startswith("/short"):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"broken off")
        else:
            super().do_GET()


@pytest.fixture
def server(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A real web server on this machine, and an empty cache."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))
    made = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def _url(server: ThreadingHTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{server.server_port}/{path}"


class TestFiles:
    def test_torchvisions_state_dict(self, folder: Path) -> None:
        model = load_model(str(folder / "resnet34.pth"))
        expected = networks.network(exponent=1, projected=False)
        assert weights_digest(model.network) == weights_digest(expected)
        assert (model.side, model.classes, model.head, float(model.network.exponent)) == (224, (), None, 1.0)
        assert not model.network.training

    def test_old_ones_without_counters(self, tmp_path: Path) -> None:
        state = {name: value for name, value in _state().items() if "num_batches" not in name}
        torch.save(state, tmp_path / "old.pth")
        load_model(str(tmp_path / "old.pth"))

    def test_what_was_saved(self, tmp_path: Path) -> None:
        model = Model(networks.network(), 96).with_classes(("cat", "dog"), seed=4)
        save_model(model, tmp_path / "m.pt")
        found = load_model(str(tmp_path / "m.pt"))
        assert (found.side, found.classes) == (96, ("cat", "dog"))
        assert weights_digest(found.classifier()) == weights_digest(model.classifier())
        assert weights_digest(found.network) != weights_digest(networks.network(seed=5))

    def test_our_own_onnx(self, tmp_path: Path) -> None:
        card = ModelCard("x", "x", "x", 512, 80, 0.2, 4)
        export_network(networks.network(), tmp_path / "x.onnx", card)
        model = load_model(str(tmp_path / "x.onnx"))
        assert (model.side, float(model.network.exponent)) == (80, 3.0)

    @pytest.mark.usefixtures("full_networks")
    def test_the_bundled_one_by_name(self) -> None:
        assert load_model("resnet34").side == 128

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match=r"none\.pt cannot be read"):
            load_model(str(tmp_path / "none.pt"))


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a file of our own holds."""
    path = tmp_path_factory.mktemp("saved") / "m.pt"
    save_model(Model(networks.two_readings(), 96).with_classes(("cat", "dog"), seed=4), path)
    found: dict[str, Any] = torch.load(path, weights_only=True)
    return found


class TestMalformed:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                {"conv1.weight": torch.zeros(3)},
                r"conv1\.weight has shape \(3,\), not \(64, 3, 7, 7\)",
            ),
            ({"layer5.weight": torch.zeros(3)}, "no ResNet-34: it has a weight layer5.weight"),
        ],
    )
    def test_another_networks_weights(self, change: dict[str, Any], message: str, tmp_path: Path) -> None:
        torch.save({**_state(), **change}, tmp_path / "w.pth")
        with pytest.raises(DamagedError, match=message):
            load_model(str(tmp_path / "w.pth"))

    def test_too_few(self, tmp_path: Path) -> None:
        state = _state()
        del state["layer2.0.conv1.weight"]
        torch.save(state, tmp_path / "w.pth")
        with pytest.raises(DamagedError, match=r"lacks layer2\.0\.conv1\.weight"):
            load_model(str(tmp_path / "w.pth"))

    def test_no_checkpoint(self, tmp_path: Path) -> None:
        for number, content in enumerate((b"", b"text", b"PK\x03\x04" + bytes(100))):
            path = tmp_path / f"{number}.pt"
            path.write_bytes(content)
            with pytest.raises(DamagedError, match="no PyTorch checkpoint"):
                load_model(str(path))
        torch.save([1, 2], tmp_path / "list.pt")
        with pytest.raises(DamagedError, match="holds a list"):
            load_model(str(tmp_path / "list.pt"))

    def test_code_is_never_run(self, tmp_path: Path) -> None:
        """A pickle that would make a file when loaded carelessly."""

        class Trap:
            def __reduce__(self) -> tuple[Any, ...]:
                return Path.touch, (tmp_path / "trapped",)

        torch.save({"conv1.weight": Trap()}, tmp_path / "trap.pt")
        with pytest.raises(DamagedError, match="loaded safely"):
            load_model(str(tmp_path / "trap.pt"))
        assert not (tmp_path / "trapped").exists()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"format": "lookalike-model/9"}, "of another version"),
            ({"network": {}}, "no complete model"),
            ({"side": "wide"}, "no complete model"),
            ({"classes": ["one"]}, "no complete model"),
        ],
    )
    def test_our_own_with_something_wrong(
        self, change: dict[str, Any], message: str, content: dict[str, Any], tmp_path: Path
    ) -> None:
        torch.save({**content, **change}, tmp_path / "m.pt")
        with pytest.raises(DamagedError, match=message):
            load_model(str(tmp_path / "m.pt"))


class TestDownloads:
    def test_once_checked_and_kept(self, server: ThreadingHTTPServer, folder: Path) -> None:
        digest = hashlib.sha256((folder / "resnet34.pth").read_bytes()).hexdigest()
        url = _url(server, "resnet34.pth")
        model = load_model(f"{url}#sha256={digest}")
        assert weights_digest(model.network) == weights_digest(networks.network(exponent=1, projected=False))
        path = download(f"{url}#sha256={digest[:8]}")
        server.shutdown()
        assert download(f"{url}#sha256={digest[:8]}") == path

    def test_another_hash(self, server: ThreadingHTTPServer, tmp_path: Path) -> None:
        with pytest.raises(DamagedError, match=r"has the SHA-256 .*, not 1234"):
            download(_url(server, "resnet34.pth#sha256=1234"))
        assert list((tmp_path / "cache").iterdir()) == []

    def test_a_cached_file_that_changed(self, server: ThreadingHTTPServer, folder: Path) -> None:
        digest = hashlib.sha256((folder / "resnet34.pth").read_bytes()).hexdigest()
        path = download(_url(server, f"resnet34.pth#sha256={digest}"))
        path.write_bytes(b"other")
        with pytest.raises(DamagedError, match="remove it and try again"):
            download(_url(server, f"resnet34.pth#sha256={digest}"))

    @pytest.mark.parametrize("path", ["absent.pth", "short.pth"])
    def test_what_does_not_come(self, path: str, server: ThreadingHTTPServer, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match=r"cannot be fetched|broke off after 10 of 1,000"):
            download(_url(server, path))
        assert list((tmp_path / "cache").iterdir()) == []

    @pytest.mark.parametrize(
        "url", ["http://example.org/w.pth", "ftp://127.0.0.1/w.pth", "file:///etc/passwd"]
    )
    def test_only_encrypted_or_from_here(self, url: str) -> None:
        with pytest.raises(UsageError, match="by https only"):
            download(url)
