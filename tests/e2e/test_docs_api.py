"""The examples of docs/api.md are run from top to bottom, as the page says."""

from __future__ import annotations

import doctest
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from pictures import write
from program import Program
from served import serving

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:8000"


def _write_network(path: Path) -> None:
    """A network that gives the mean of each channel, and its description."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixels"], ["means"]),
        helper.make_node("Flatten", ["means"], ["embedding"]),
    ]
    inputs = [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, 32, 32])]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3])]
    graph = helper.make_graph(nodes, "means", inputs, outputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    path.with_suffix(".json").write_text('{"side": 32}')


def test_every_example_gives_what_is_printed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = write(program.home / "Pictures", 6)
    (program.home / "beach.jpg").write_bytes(paths[0].read_bytes())
    _write_network(program.home / "mynet.onnx")
    assert program.here("index", "Pictures").code == 0
    monkeypatch.chdir(program.home)
    monkeypatch.setenv("LOOKALIKE_CONFIG", str(program.home / "none.toml"))
    with serving(program) as server:
        text = PAGE.read_text(encoding="utf-8").replace(ADDRESS, server.url)
        runner = doctest.DocTestRunner()
        runner.run(doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0))
    assert runner.tries > 50
    assert runner.failures == 0
