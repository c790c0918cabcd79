"""What the embedding network is asked for, each as a loss over a batch of unit vectors."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_SMALLEST = 1e-8


def similarity_loss(embeddings: Tensor, targets: Tensor, bank: Tensor, temperature: float) -> Tensor:
    """See the same neighbours as the teacher, in the same proportions.

    Cross-entropy between the softmax over the teacher's similarities to a bank of pictures and the softmax
    over the student's (Fang et al., "SEED: Self-supervised Distillation For Visual Representation", ICLR
    2021). With each picture's own target in the bank it also tells every picture from every other.

    Args:
        embeddings: (n, dim) of the student.
        targets: (n, dim) of the teacher, for the same pictures.
        bank: (m, dim) of the teacher, for all pictures.
        temperature: of both softmaxes.
    """
    with torch.no_grad():
        wanted = functional.softmax(targets @ bank.T / temperature, dim=1)
    return -(wanted * functional.log_softmax(embeddings @ bank.T / temperature, dim=1)).sum(1).mean()


def contrastive_loss(first: Tensor, second: Tensor, unsure: Tensor, temperature: float) -> Tensor:
    """Two edits of a picture meet, edits of different pictures part.

    The normalised temperature-scaled cross-entropy of Chen et al., "A Simple Framework for Contrastive
    Learning of Visual Representations" (ICML 2020).

    Args:
        first: (n, dim), an edit of each picture.
        second: (n, dim), another edit of each.
        unsure: (n, n) bool, pairs of pictures that may be copies, which are left out; the diagonal does not
            count.
        temperature: of the softmax.
    """
    both = torch.cat([first, second])
    itself = torch.eye(len(first), dtype=torch.bool, device=both.device)
    similarity = (both @ both.T / temperature).masked_fill((unsure & ~itself).repeat(2, 2), -torch.inf)
    similarity = similarity.fill_diagonal_(-torch.inf)
    partner = torch.arange(len(both), device=both.device).roll(len(first))
    return functional.cross_entropy(similarity, partner)


def entropy_loss(first: Tensor, second: Tensor, unsure: Tensor) -> Tensor:
    """Spread out: minus the mean logarithm of the distance to the nearest other picture.

    The Kozachenko–Leonenko estimate of the entropy, up to a constant (Sablayrolles et al., "Spreading
    vectors for similarity search", ICLR 2019), over pictures, not edits of one picture.

    Args:
        first: (n, dim), an edit of each picture.
        second: (n, dim), another edit of each.
        unsure: (n, n) bool, pairs of pictures that may be copies, which are left out; the diagonal does not
            count.
    """
    both = torch.cat([first, second])
    itself = torch.eye(len(first), dtype=torch.bool, device=both.device)
    with torch.no_grad():
        similarity = (both @ both.T).masked_fill_((unsure | itself).repeat(2, 2), -torch.inf)
        nearest = similarity.argmax(1)
    return -torch.log((both - both[nearest]).norm(dim=1) + _SMALLEST).mean()


def likeness_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """1 minus the mean cosine of features to wanted ones, both counted from the wanted ones' mean.

    Features of a classifier are never negative, so that without a mean any two of them are near.

    Args:
        features: (n, dim) float32.
        wanted: (n, dim) float32, of the same pictures.
    """
    centre = wanted.mean(0)
    return 1 - functional.cosine_similarity(features - centre, wanted - centre).mean()
