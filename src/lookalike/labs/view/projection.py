"""Embeddings laid out in the plane: by principal components, and by t-SNE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from lookalike.errors import UsageError
from lookalike.kernels.arrays import Vectors

Places = NDArray[np.float64]

METHODS = {
    "tsne_direct": "t-SNE of the whole embedding",
    "tsne": "t-SNE after PCA to 50 components",
    "pca": "Principal components",
}
"""Names of the maps in result files, and for people; the best first."""

COMPONENTS = 50
PERPLEXITY = 30.0
ITERATIONS = 1000

_FEW = 1_000
"""Pictures; for fewer, t-SNE's threads wait for each other longer than they work, and spin meanwhile."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Maps of the same n pictures.

    Attributes:
        places: (n, 2) for each of ``METHODS``; of principal components in standard deviations of an
            embedding's component, of t-SNE in no unit.
        explained_variance: share of the variance along each of the two leading components.
        kept_variance: share of it along all the components that ``tsne`` looks at.
        perplexity: about how many neighbours t-SNE tried to keep by each picture.
    """

    places: dict[str, Places]
    explained_variance: tuple[float, float]
    kept_variance: float
    perplexity: float


def project(vectors: Vectors, seed: int) -> Projection:
    """Lay pictures out.

    PCA is Pearson's, "On lines and planes of closest fit to systems of points in space" (1901), of components
    that are standardised (mean 0, variance 1). t-SNE is van der Maaten and Hinton's, "Visualizing data using
    t-SNE" (JMLR 2008), in Barnes and Hut's approximation, started from two principal components. It is
    usually given the 50 leading components to save time; where the variance is spread evenly, as a whitened
    embedding's is, these hold little of it, so there is a map of all dimensions beside it.

    Args:
        vectors: (n, dim) float32 rows of unit length, n >= 10, dim >= 2.
        seed: of t-SNE.

    Raises:
        UsageError: all vectors are the same.
    """
    if (vectors == vectors[0]).all():
        raise UsageError("all pictures have the same embedding, so there is nothing to map")
    standard = StandardScaler().fit_transform(vectors.astype(np.float64))
    analysis = PCA(min(COMPONENTS, *standard.shape), svd_solver="full")
    components = analysis.fit_transform(standard)
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)

    def tsne(space: NDArray[np.floating]) -> Places:
        estimator = TSNE(perplexity=perplexity, max_iter=ITERATIONS, init="pca", random_state=seed)
        with threadpool_limits(1 if len(space) < _FEW else None):
            return np.asarray(estimator.fit_transform(space), np.float64)

    shares = analysis.explained_variance_ratio_
    return Projection(
        # Of unit rows squared Euclidean distances, which t-SNE works on, are twice the cosine distances.
        {"tsne_direct": tsne(vectors), "tsne": tsne(components), "pca": components[:, :2].copy()},
        (float(shares[0]), float(shares[1])),
        float(shares.sum()),
        perplexity,
    )
