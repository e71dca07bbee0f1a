r"""A Gaussian process over triples of blocks: what is known of a million candidates from a few hundred.

Two candidates are alike as their blocks are, place by place and pair by pair:

.. math:: k = v_c S_c + v_b S_b + v_e S_e + v_{cb} S_c S_b + v_{ce} S_c S_e + v_{be} S_b S_e + v_{own}

with the similarities :math:`S` of centres, bridges and ends. The first three terms say what a block adds
wherever it stands, the next three what only its company does; the last is each candidate's own, shared with
none. The variances are those of the largest marginal likelihood.

Every shared term is a product over blocks, so that a function of the process is a table over blocks or over
pairs of them, and a million candidates cost a look into six tables. A draw of the prior is such a table of
draws, and Matheron's rule moves it to the data (J. T. Wilson et al., Proc. Mach. Learn. Res. 119, 10292
(2020)) by another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky
from scipy.optimize import minimize

from echemscreen.records.molecules import FloatArray

IntArray = npt.NDArray[np.intp]
Similarities = tuple[FloatArray, FloatArray, FloatArray]

#: Places of a triple whose similarities make each term of the kernel.
TERMS: tuple[tuple[int, ...], ...] = ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2))
#: Candidates whose standard deviations are told at a time: bounds the memory.
_CHUNK = 20_000
#: Bounds of the variances of the terms and of the own part, in variances of the data.
_VARIANCES, _OWN = (1e-4, 10.0), (1e-4, 1.0)
_JITTER = 1e-8


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A fitted process; ``variances`` and ``own`` are in variances of the data."""

    similarities: Similarities
    computed: IntArray
    """Triples that were computed, shape (n, 3)."""
    mean: float
    scale: float
    variances: FloatArray
    own: float
    """Variance of what only the candidate itself does."""
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
        """Mean and standard deviation at each triple, were it not computed."""
        means, sigmas = self._at(triples, self._update(self.weights)), np.empty(len(triples))
        prior = float(self.variances.sum()) + self.own
        for part in _parts(len(triples)):
            across = self.covariance(triples[part])
            solved = cho_solve((self.factor, True), across.T)
            variance = prior - np.einsum("ij,ji->i", across, solved)
            sigmas[part] = np.sqrt(np.maximum(variance, 0.0))
        return self.mean + self.scale * means, self.scale * sigmas

    def draw(
        self, triples: IntArray, generator: np.random.Generator, *, with_own: bool = False
    ) -> FloatArray:
        """One function of the process at every triple, as if none of them were computed.

        Parameters
        ----------
        with_own
            Add what only the candidate itself does. Of a million such parts the largest would decide what
            is proposed, and teach nothing of the others.
        """
        terms = [
            np.sqrt(v) * _prior(self.roots, places, generator)
            for v, places in zip(self.variances, TERMS, strict=True)
        ]
        seen = self._at(self.computed, terms) + self._own_part(len(self.computed), generator)
        moved = self._update(cho_solve((self.factor, True), self.values - seen))
        drawn = [term + update for term, update in zip(terms, moved, strict=True)]
        found = self._at(triples, drawn)
        if with_own:
            found = found + self._own_part(len(triples), generator)
        return self.mean + self.scale * found

    def _own_part(self, n: int, generator: np.random.Generator) -> FloatArray:
        return np.asarray(np.sqrt(self.own) * generator.standard_normal(n))

    @cached_property
    def roots(self) -> Similarities:
        """Lower Cholesky factors of the similarities."""
        return tuple(  # type: ignore[return-value]
            cholesky(s + _JITTER * np.eye(len(s)), lower=True) for s in self.similarities
        )

    def _update(self, weights: FloatArray) -> list[FloatArray]:
        """What the computed ones, weighted, add to each term: a table over the blocks of its places."""
        return [
            v * _spread(self.similarities, places, self.computed, weights)
            for v, places in zip(self.variances, TERMS, strict=True)
        ]

    @staticmethod
    def _at(triples: IntArray, terms: Sequence[FloatArray]) -> FloatArray:
        """The sum of the terms at each triple."""
        found = np.zeros(len(triples))
        for places, term in zip(TERMS, terms, strict=True):
            found += term[tuple(triples[:, place] for place in places)]
        return found

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

    bounds = [tuple(np.log(_VARIANCES))] * len(TERMS) + [tuple(np.log(_OWN))]
    best = minimize(loss, _START, jac=True, method="L-BFGS-B", bounds=bounds).x
    theta, lower = np.exp(best), factor_of(best)
    return Surrogate(
        similarities=similarities,
        computed=computed,
        mean=mean,
        scale=scale,
        variances=theta[:-1],
        own=float(theta[-1]),
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
    found = np.zeros((len(first), len(second)))
    for v, places in zip(variances, TERMS, strict=True):
        found += v * _term(s, places, first, second)
    return found


def _prior(roots: Similarities, places: tuple[int, ...], generator: np.random.Generator) -> FloatArray:
    """A draw over all combinations of blocks of some places."""
    return _along(roots, places, generator.standard_normal([len(roots[place]) for place in places]))


def _spread(s: Similarities, places: tuple[int, ...], computed: IntArray, weights: FloatArray) -> FloatArray:
    """Weighted similarities to the computed ones, summed, over all combinations of blocks of some places."""
    found = np.zeros([len(s[place]) for place in places])
    np.add.at(found, tuple(computed[:, place] for place in places), weights)
    return _along(s, places, found)


def _along(matrices: Similarities, places: tuple[int, ...], table: FloatArray) -> FloatArray:
    """A table over blocks, multiplied along each of its axes by the matrix of that place."""
    for axis, place in enumerate(places):
        table = np.moveaxis(np.tensordot(matrices[place], table, axes=(1, axis)), 0, axis)
    return np.asarray(table)


def _parts(n: int) -> Iterator[slice]:
    for start in range(0, n, _CHUNK):
        yield slice(start, min(start + _CHUNK, n))
