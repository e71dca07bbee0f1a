"""Cyclic voltammograms from theory, to hold the analysis against.

R. S. Nicholson and I. Shain, Anal. Chem. 36, 706 (1964), for planar diffusion of a soluble couple with equal
diffusion coefficients: the concentrations at the electrode are semi-integrals of the current, here by the
Grunwald-Letnikov sum. Times are in units of RT/Fv, currents in F A c sqrt(D F v / R T), so that a reversible
peak is 0.4463 high.
"""

import numpy as np
from scipy import constants

from echemscreen.records.processes import Process

#: RT/F at 25 C, V.
THERMAL_V = constants.R * 298.15 / constants.physical_constants["Faraday constant"][0]


def triangle(start_v, turn_v, step_v=0.001):
    """Potentials from ``start_v`` to ``turn_v`` and back."""
    n = round(abs(turn_v - start_v) / step_v)
    out = np.linspace(start_v, turn_v, n + 1)
    return np.concatenate([out, out[-2::-1]])


def voltammogram(
    potentials_v, e0_v, *, rate=1e4, transfer=0.5, decay=0.0, process=Process.OXIDATION, scan_rate=1.0
):
    """Dimensionless currents of R -> O + e (or O + e -> R), anodic positive.

    ``rate`` is k0 / sqrt(D F v / R T), Nicholson's psi times sqrt(pi); ``decay`` the rate of the product's
    loss times RT/Fv. Another ``scan_rate`` only scales all of them.
    """
    sign = 1.0 if process == "oxidation" else -1.0
    xi = sign * (np.asarray(potentials_v) - e0_v) / THERMAL_V
    step = abs(xi[1] - xi[0])
    n = len(xi)
    weights = np.ones(n)
    for j in range(1, n):
        weights[j] = weights[j - 1] * (j - 0.5) / j
    weights *= np.sqrt(step)
    lost = weights * np.exp(-decay / scan_rate * step * np.arange(n))
    rate = rate / np.sqrt(scan_rate)
    currents = np.zeros(n)
    for k in range(n):
        past = currents[k - 1 :: -1] if k else currents[:0]
        start = 1.0 - weights[1 : k + 1] @ past
        product = lost[1 : k + 1] @ past
        forward, backward = rate * np.exp((1 - transfer) * xi[k]), rate * np.exp(-transfer * xi[k])
        currents[k] = (forward * start - backward * product) / (1 + weights[0] * forward + lost[0] * backward)
    return sign * np.sqrt(scan_rate) * currents
