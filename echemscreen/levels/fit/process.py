"""The Gaussian process, and what two molecules have in common: by computed numbers, or by their structure.

Written out (C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press (2006),
algorithm 2.1): a library of such processes takes longer to load than a ligand takes to compute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from echemscreen.levels.fit.structures import N_ENVIRONMENTS
from echemscreen.records.molecules import FloatArray

#: Standard deviation of the line where every feature is zero, in those of the slopes.
_OFFSET = 0.3


@dataclass(frozen=True, slots=True)
class Choice:
    """A point of the grid."""

    linear: float
    amplitude: float
    length: float
    noise: float

    def covariance(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """The covariance of molecules by their features, V^2, shape (len(first), len(second))."""
        products = first @ second.T
        apart = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2.0 * products
        line = self.linear * (_OFFSET**2 + products)
        neighbours = self.amplitude * np.exp(-0.5 * np.maximum(apart, 0.0) / self.length**2)
        return np.asarray(line + neighbours)

    def variance(self, at: FloatArray) -> FloatArray:
        """The variance of each molecule, V^2."""
        return np.asarray(self.linear * (_OFFSET**2 + (at**2).sum(axis=1)) + self.amplitude)


@dataclass(frozen=True, slots=True)
class StructureChoice(Choice):
    """A choice for molecules known by their structure: features are counted environments, then groups.

    In place of the squared exponential stands the share of environments that two molecules have in common
    (minimum over maximum of the counts: L. Ralaivola, S. J. Swamidass, H. Saigo and P. Baldi, Neural Netw.
    18, 1093 (2005)).
    """

    def covariance(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """The covariance of molecules by their features, V^2, shape (len(first), len(second))."""
        n = N_ENVIRONMENTS
        line = self.linear * (_OFFSET**2 + first[:, n:] @ second[:, n:].T)
        by_environment = second.T[:n]  # of a view, if they are laid out by column
        totals = by_environment.sum(axis=0)
        shared = np.empty((len(first), len(second)))
        for row, counts in enumerate(first[:, :n]):
            own = np.flatnonzero(counts)
            least = np.minimum(by_environment[own], counts[own, None]).sum(axis=0)
            shared[row] = least / (counts.sum() + totals - least)
        return np.asarray(line + self.amplitude * shared)

    def variance(self, at: FloatArray) -> FloatArray:
        """The variance of each molecule, V^2."""
        groups = at[:, N_ENVIRONMENTS:]
        return np.asarray(self.linear * (_OFFSET**2 + (groups**2).sum(axis=1)) + self.amplitude)


@dataclass(frozen=True, slots=True, eq=False)
class GaussianProcess:
    """The process of a choice, conditioned on values: ``x`` has shape (n, features), the rest (n,)."""

    choice: Choice
    x: FloatArray
    y: FloatArray
    variances: FloatArray
    """Noise of the values, V^2."""
    factor: FloatArray
    """Lower Cholesky factor of their covariance."""
    weights: FloatArray
    log_likelihood: float
    """Marginal, of the values."""

    @classmethod
    def of(cls, choice: Choice, x: FloatArray, y: FloatArray, variances: FloatArray) -> GaussianProcess:
        """Condition on the values ``y``."""
        factor = cholesky(choice.covariance(x, x) + np.diag(variances), lower=True)
        weights = cho_solve((factor, True), y)
        likelihood = -0.5 * y @ weights - np.log(np.diag(factor)).sum() - 0.5 * len(y) * np.log(2.0 * np.pi)
        return cls(choice, x, y, variances, factor, weights, float(likelihood))

    def predict(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means and standard deviations."""
        near = self.choice.covariance(at, self.x)
        solved = solve_triangular(self.factor, near.T, lower=True, check_finite=False)
        variance = self.choice.variance(at) - (solved**2).sum(axis=0)
        return near @ self.weights, np.sqrt(np.maximum(variance, 0.0))

    def together(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means, and their covariances with each other."""
        near = self.choice.covariance(at, self.x)
        solved = solve_triangular(self.factor, near.T, lower=True, check_finite=False)
        return near @ self.weights, self.choice.covariance(at, at) - solved.T @ solved

    def shares(self, at: FloatArray) -> FloatArray:
        """How much each value counts in the mean at some features: a row each."""
        return np.asarray(cho_solve((self.factor, True), self.choice.covariance(at, self.x).T).T)
