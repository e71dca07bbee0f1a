r"""A Gaussian process over triples of blocks: what is known of a million candidates from a few hundred.

Two candidates are alike as their blocks are, place by place:

.. math:: k = v_c S_c + v_b S_b + v_e S_e + v_{ce} S_c S_e + v_{cbe} S_c S_b S_e

with the similarities :math:`S` of centres, bridges and ends. The first three terms say what a block adds
wherever it stands, the others what only its company does. The variances and the noise are those of the
largest marginal likelihood. A draw of the process at every candidate together (Thompson sampling) costs as
much as its mean: a draw of the prior is a sum of products of draws over the blocks, and Matheron's rule moves
it to the data (J. T. Wilson et al., Proc. Mach. Learn. Res. 119, 10292 (2020)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky
from scipy.optimize import minimize

from echemscreen.records.molecules import FloatArray

IntArray = npt.NDArray[np.intp]
Similarities = tuple[FloatArray, FloatArray, FloatArray]

#: Places of a triple whose similarities make each term of the kernel.
TERMS: tuple[tuple[int, ...], ...] = ((0,), (1,), (2,), (0, 2), (0, 1, 2))
#: Candidates that are compared with the computed ones at a time: bounds the memory.
_CHUNK = 20_000
#: Bounds of the variances and of the noise, in variances of the data.
_VARIANCES, _NOISES = (1e-4, 10.0), (1e-4, 1.0)
_JITTER = 1e-8


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A fitted process; ``variances`` and ``noise`` are in variances of the data."""

    similarities: Similarities
    computed: IntArray
    """Triples that were computed, shape (n, 3)."""
    mean: float
    scale: float
    variances: FloatArray
    noise: float
    factor: FloatArray
    """Lower Cholesky factor of the covariance of the computed ones."""
    weights: FloatArray
    """Of the computed ones, for the mean."""
    values: FloatArray
    """Standardised values."""

    def covariance(self, triples: IntArray) -> FloatArray:
        """Prior covariance with the computed ones, shape (len(triples), n)."""
        return _kernel(self.similarities, self.variances, triples, self.computed)

    def predict(self, triples: IntArray) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of the value itself, noise left out, at each triple."""
        means, sigmas = np.empty(len(triples)), np.empty(len(triples))
        prior = float(self.variances.sum())
        for part in _parts(len(triples)):
            across = self.covariance(triples[part])
            means[part] = across @ self.weights
            solved = cho_solve((self.factor, True), across.T)
            variance = prior - np.einsum("ij,ji->i", across, solved)
            sigmas[part] = np.sqrt(np.maximum(variance, 0.0))
        return self.mean + self.scale * means, self.scale * sigmas

    def draw(self, triples: IntArray, generator: np.random.Generator) -> FloatArray:
        """One function of the process at every triple."""
        roots = [cholesky(s + _JITTER * np.eye(len(s)), lower=True) for s in self.similarities]
        terms = [
            np.sqrt(v) * _prior(roots, places, generator)
            for v, places in zip(self.variances, TERMS, strict=True)
        ]

        def at(points: IntArray) -> FloatArray:
            return np.asarray(
                sum(
                    term[tuple(points[:, place] for place in places)]
                    for term, places in zip(terms, TERMS, strict=True)
                )
            )

        seen = at(self.computed) + np.sqrt(self.noise) * generator.standard_normal(len(self.computed))
        update = cho_solve((self.factor, True), self.values - seen)
        found = at(triples)
        for part in _parts(len(triples)):
            found[part] += self.covariance(triples[part]) @ update
        return self.mean + self.scale * found

    def effects(self, place: int) -> tuple[FloatArray, FloatArray]:
        """What each block of a place adds wherever it stands, and its standard deviation.

        Parameters
        ----------
        place
            0 of a centre, 1 of a bridge, 2 of an end.
        """
        s, v = self.similarities[place], float(self.variances[place])
        across = v * s[:, self.computed[:, place]]
        means = across @ self.weights
        variance = v * np.diag(s) - np.einsum("ij,ji->i", across, cho_solve((self.factor, True), across.T))
        return self.scale * means, self.scale * np.sqrt(np.maximum(variance, 0.0))


def fitted(similarities: Similarities, computed: IntArray, values: FloatArray) -> Surrogate:
    """The process of the largest marginal likelihood for computed candidates.

    Parameters
    ----------
    values
        Shape (n,), of the computed triples.
    """
    mean, scale = float(values.mean()), float(values.std()) or 1.0
    y = (values - mean) / scale
    n = len(y)
    parts = [_term(similarities, places, computed, computed) for places in TERMS]

    def factor_of(p: FloatArray) -> FloatArray:
        theta = np.exp(p)
        covariance = sum(v * part for v, part in zip(theta[:-1], parts, strict=True))
        return np.asarray(cholesky(covariance + (theta[-1] + _JITTER) * np.eye(n), lower=True))

    def loss(p: FloatArray) -> tuple[float, FloatArray]:
        lower = factor_of(p)
        alpha = cho_solve((lower, True), y)
        inverse = cho_solve((lower, True), np.eye(n))
        value = 0.5 * float(y @ alpha) + float(np.log(np.diag(lower)).sum())
        # A weak prior at a fifth each keeps few data from choosing one term outright.
        value += 0.5 * float(((p - _START) ** 2).sum()) / _WIDTH**2
        outer = np.outer(alpha, alpha) - inverse
        slopes = [-0.5 * np.exp(p[k]) * float((outer * part).sum()) for k, part in enumerate(parts)]
        slopes.append(-0.5 * np.exp(p[-1]) * float(np.trace(outer)))
        return value, np.array(slopes) + (p - _START) / _WIDTH**2

    bounds = [tuple(np.log(_VARIANCES))] * len(TERMS) + [tuple(np.log(_NOISES))]
    best = minimize(loss, _START, jac=True, method="L-BFGS-B", bounds=bounds).x
    theta, lower = np.exp(best), factor_of(best)
    return Surrogate(
        similarities=similarities,
        computed=computed,
        mean=mean,
        scale=scale,
        variances=theta[:-1],
        noise=float(theta[-1]),
        factor=lower,
        weights=np.asarray(cho_solve((lower, True), y)),
        values=y,
    )


_START: FloatArray = np.log([0.2] * len(TERMS) + [0.02])
_WIDTH = 2.0


def _term(s: Similarities, places: tuple[int, ...], first: IntArray, second: IntArray) -> FloatArray:
    found = np.ones((len(first), len(second)))
    for place in places:
        found *= s[place][np.ix_(first[:, place], second[:, place])]
    return found


def _kernel(s: Similarities, variances: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    by_place = [s[place][np.ix_(first[:, place], second[:, place])] for place in range(3)]
    both = by_place[0] * by_place[2]
    single = sum(v * part for v, part in zip(variances[:3], by_place, strict=True))
    return np.asarray(single + variances[3] * both + variances[4] * both * by_place[1])


def _prior(roots: list[FloatArray], places: tuple[int, ...], generator: np.random.Generator) -> FloatArray:
    """A draw over all combinations of blocks of some places."""
    found = generator.standard_normal([len(roots[place]) for place in places])
    for axis, place in enumerate(places):
        found = np.moveaxis(np.tensordot(roots[place], found, axes=(1, axis)), 0, axis)
    return np.asarray(found)


def _parts(n: int) -> Iterator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, min(start + _CHUNK, n))
