"""From a network to an ONNX embedder, with preprocessing and card inside.

Batch normalisation is folded into the convolutions, as every runtime would do. What that loses is kept beside
the graph, so that ``onnx_weights.read_network`` can give back a network that trains on.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, save
from torch import nn

from lookalike.disk import replacing
from lookalike.embed.base import ModelCard
from lookalike.embed.onnx import CARD_KEY
from lookalike.labs.learn.efficientnet_lite import Block, Convolution
from lookalike.labs.learn.glance import MIDDLE, window
from lookalike.labs.learn.negatives import SHARE, TEMPERATURE
from lookalike.labs.learn.network import DEVIATION, MEAN, SMALLEST_MAP, EmbeddingNetwork
from lookalike.labs.learn.onnx_graph import Graph
from lookalike.labs.learn.onnx_weights import NORMS_KEY, pack_norms
from lookalike.labs.learn.resnet34 import STAGES
from lookalike.labs.learn.two_readings import COPY_SHARE, Tail, TwoReadings

_EVEN = (1, 1)


def export_network(network: EmbeddingNetwork | TwoReadings, path: Path, card: ModelCard) -> None:
    """Write a network as a float32 embedder.

    Args:
        network: is left as it is; batch normalisation counts as in evaluation.
        path: where to write the ONNX file; replaced whole.
        card: what to store beside the weights; its ``side`` fixes the input's size.
    """
    graph = Graph(network)
    x = graph.node("Transpose", graph.node("Cast", "pixels", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    if isinstance(network, TwoReadings):
        name = "two_readings"
        _two_readings(graph, network, x, card.side)
    else:
        name = "resnet34"
        _resnet(graph, network, x)
    model = graph.model(name, card)
    helper.set_model_props(model, {CARD_KEY: card.to_json(), NORMS_KEY: pack_norms(network)})
    checker.check_model(model)
    with replacing(path) as file:
        save(model, file)


def _resnet(graph: Graph, network: EmbeddingNetwork, x: str) -> None:
    x = graph.node("Sub", x, graph.constant("mean", 255 * np.reshape(MEAN, (1, 3, 1, 1))))
    x = graph.node("Mul", x, graph.constant("scale", 1 / (255 * np.reshape(DEVIATION, (1, 3, 1, 1)))))
    x = graph.node("Relu", graph.convolution(x, "body.conv1", "body.bn1", stride=2, pads=(3, 3)))
    x = graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for layer, (_, blocks) in enumerate(STAGES, start=1):
        for block in range(blocks):
            x = _basic_block(graph, x, f"body.layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1)
    x = graph.pooled(x, float(network.exponent), SMALLEST_MAP, "exponent")
    if isinstance(network.projection, nn.Linear):
        x = graph.linear(x, "projection")
    graph.unit(x, output="embedding")


def _basic_block(graph: Graph, x: str, name: str, stride: int) -> str:
    """Two 3x3 convolutions and a shortcut."""
    y = graph.convolution(x, f"{name}.conv1", f"{name}.bn1", stride=stride, pads=_EVEN)
    y = graph.convolution(graph.node("Relu", y), f"{name}.conv2", f"{name}.bn2", stride=1, pads=_EVEN)
    if graph.has(f"{name}.downsample.0.weight"):
        x = graph.convolution(x, f"{name}.downsample.0", f"{name}.downsample.1", stride=stride, pads=(0, 0))
    return graph.node("Relu", graph.node("Add", y, x))


def _two_readings(graph: Graph, network: TwoReadings, x: str, side: int) -> None:
    if network.glance is not None:
        x = _views(graph, x, side)
    x = graph.node("Sub", x, graph.scalar("mean", 127))
    x = graph.node("Mul", x, graph.scalar("scale", 1 / 128))
    x = _convolution(graph, x, "stem", network.stem)
    for number, block in enumerate(network.trunk):
        x = _block(graph, x, f"trunk.{number}", block)
    copy = _tail(graph, x, "copy", network.copy)
    if network.glance is not None:
        copy = _together(graph, copy)
        x, _ = graph.halves(x)
    likeness = _tail(graph, x, "likeness", network.likeness)
    parts = [
        graph.node("Mul", graph.unit(part), graph.scalar(f"{name}.length", math.sqrt(share)))
        for name, part, share in (("copy", copy, COPY_SHARE), ("likeness", likeness, 1 - COPY_SHARE))
    ]
    graph.node("Concat", *parts, output="embedding", axis=1)


def _tail(graph: Graph, x: str, name: str, tail: Tail) -> str:
    """One part of the embedding, of any length."""
    for number, block in enumerate(tail.blocks):
        x = _block(graph, x, f"{name}.blocks.{number}", block)
    x = _convolution(graph, x, f"{name}.head", tail.head)
    x = graph.pooled(x, float(tail.exponent), SMALLEST_MAP, f"{name}.exponent")
    return graph.linear(x, f"{name}.projection")


def _views(graph: Graph, x: str, side: int) -> str:
    """``Glance.views``: the pictures reduced, then their middles mirrored, in one batch.

    PyTorch's bicubic filter has the coefficient -0.5 and leaves out what lies beyond the border.
    """
    start, stop = window(side)
    before = start - side - 1  # counted from the end: where nothing is before the start, -1 would be the end
    whole = graph.node(
        "Resize",
        x,
        "",
        "",
        graph.integers("seen", stop - start, stop - start),
        mode="cubic",
        cubic_coeff_a=-0.5,
        exclude_outside=1,
        antialias=1,
        axes=[2, 3],
    )
    middle = graph.node(
        "Slice",
        x,
        graph.integers("middle.starts", start, stop - 1),
        graph.integers("middle.ends", stop, before),
        graph.integers("middle.axes", 2, 3),
        graph.integers("middle.steps", 1, -1),
    )
    return graph.node("Concat", whole, middle, axis=0)


def _together(graph: Graph, copies: str) -> str:
    """``Glance.forward``: one copy part of both views.

    Both are added by ``Sum``, since ``quantise`` rounds what ``Add`` adds.
    """
    whole, middle = graph.halves(graph.unit(copies))
    middle = graph.node("Mul", middle, graph.scalar("glance.middle", MIDDLE))
    x = graph.unit(graph.linear(graph.unit(graph.node("Sum", whole, middle)), "glance.whitening"))
    centres = graph.parameter("glance.negatives.centres")
    near = graph.node("Softmax", graph.node("Gemm", x, centres, transB=1, alpha=1 / TEMPERATURE), axis=1)
    shared = graph.node("Mul", graph.node("MatMul", near, centres), graph.scalar("glance.share", SHARE))
    return graph.node("Sub", x, shared)


def _block(graph: Graph, x: str, name: str, block: nn.Module) -> str:
    """Widen, filter each channel alone, narrow; add the input where shapes allow."""
    assert isinstance(block, Block)  # noqa: S101  (nn.Sequential forgets what it holds)
    y = x
    if isinstance(block.expand, Convolution):
        y = _convolution(graph, y, f"{name}.expand", block.expand)
    y = _convolution(graph, y, f"{name}.filter", block.filter)
    y = _convolution(graph, y, f"{name}.narrow", block.narrow)
    return graph.node("Add", x, y) if block.shortcut else y


def _convolution(graph: Graph, x: str, name: str, convolution: Convolution) -> str:
    x = graph.convolution(
        x,
        f"{name}.conv",
        f"{name}.norm",
        stride=convolution.conv.stride[0],
        pads=convolution.pads,
        groups=convolution.conv.groups,
    )
    if not convolution.active:
        return x
    return graph.node("Clip", x, graph.scalar("zero", 0.0), graph.scalar("six", 6.0))
