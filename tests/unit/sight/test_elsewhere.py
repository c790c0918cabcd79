"""Two moments before one camera: people have come, who might be stickers, and clouds have changed."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from lookalike.sight import Evidence, Fine, Sight, look, looked_closely

WIDE, TALL = 640, 480
SKY = 190  # rows


def texture(random: np.random.Generator, sides: tuple[int, ...]) -> np.ndarray:
    """Something of several sizes, (TALL, WIDE) float64 levels around 0."""
    layers = [cv2.resize(random.normal(0, 1, (side, side)), (WIDE, TALL), None, 0, 0, 2) for side in sides]
    field = np.asarray(sum(layers), np.float64)
    return 45 * (field - field.mean()) / field.std()


def moment(people: int, changed: float, noise: int) -> Image.Image:
    """A yard below clouds of which that share has changed, with so many people, and noise of its own."""
    random = np.random.default_rng(5)
    yard, clouds, others = (texture(random, sides) for sides in ((9, 24, 60, 130), (6, 14, 30), (14, 30)))
    sky = (1 - changed) * clouds + changed * others
    taken = 128 + np.where(np.arange(TALL)[:, None] < SKY, sky, yard)
    for place in range(people):
        left, top = 60 + 95 * place, 270 + 40 * (place % 3)
        body = cv2.ellipse(np.zeros((TALL, WIDE)), (left, top), (13, 34), 0, 0, 360, 1.0, -1)
        body = cv2.GaussianBlur(body, (0, 0), 0.7)
        taken = taken * (1 - body) + body * (20 + 0.3 * yard + 12 * place)
    taken += np.random.default_rng(noise).normal(0, 1.5, taken.shape)
    return Image.fromarray(np.clip(taken, 0, 255).astype(np.uint8)).convert("RGB")


def closely(first: Image.Image, second: Image.Image) -> tuple[Evidence, Evidence]:
    evidence = look(Sight(first), Sight(second))
    return evidence, looked_closely(evidence, Fine(first), Fine(second))


def test_people_who_come_while_clouds_change_make_another_moment() -> None:
    seen, closer = closely(moment(0, 0, 1), moment(4, 0.2, 2))
    assert seen.verified
    assert closer.differs_in_detail


def test_the_same_people_as_stickers_leave_a_copy() -> None:
    seen, closer = closely(moment(0, 0, 1), moment(4, 0, 2))
    assert seen.verified
    assert closer.verified
