"""Forms of the regression of what a site does to an oxidation, each ligand predicted by the others.

Prints the mean absolute errors that docs/science/on_the_dot.md compares.
"""

import statistics
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from echemscreen.levels.site_shift import BoundDescriptors, bound_rows, near_share
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_rows

#: Prior standard deviations: of terms of all ligands and of classes, of slopes, of metals.
TERM_V, SLOPE, METAL_V = 0.6, 0.3, 0.15
SCATTERS_V = (0.05, 0.08, 0.12, 0.18, 0.25, 0.35)


@dataclass(frozen=True)
class Form:
    """One way to write the shift."""

    words: str
    decay_bonds: float
    full_at: float = 0.0
    """Share from which the site acts in full; 0: in proportion."""
    each_metal: bool = True
    class_slopes: bool = False


FORMS = (
    Form("one term for other metals, w = s over two bonds", 2.0, each_metal=False),
    Form("a term for each metal", 2.0),
    Form("and w = min(1, s / 0.5)", 2.0, 0.5),
    Form("and a slope for each class", 2.0, 0.5, class_slopes=True),
    Form("over one and a half bonds", 1.5, 0.5, class_slopes=True),
    Form("over one bond", 1.0, 0.5, class_slopes=True),
    Form("over one bond, w = min(1, s / 0.3)", 1.0, 0.3, class_slopes=True),
    Form("over one bond, w = min(1, s / 0.4): as shipped", 1.0, 0.4, class_slopes=True),
)


def left_out(form, rows, shares):
    """Absolute errors by bond class, V."""
    metals = sorted({row.metal for row in rows} - {"Cd"})
    errors = defaultdict(list)
    for smiles in dict.fromkeys(row.smiles for row in rows):
        known = [row for row in rows if row.smiles != smiles]
        names = sorted({row.bond_class for row in known})
        centre = statistics.fmean(row.parent_v_she for row in known)

        def terms(row, names=names, centre=centre):
            near = near_share(shares[row.smiles], form.decay_bonds)
            weight = min(1.0, near / form.full_at) if form.full_at else near
            own = np.array([float(name == row.bond_class) for name in names])
            above = row.parent_v_she - centre
            where = [float(row.metal == m) for m in metals] if form.each_metal else [float(row.metal != "Cd")]
            slopes = own * above if form.class_slopes else []
            return weight * np.array([1.0, *own, above, *where, *slopes])

        x, y = np.array([terms(row) for row in known]), np.array([row.shift_v for row in known])
        n = len(names)
        deviations = [TERM_V] * (n + 1) + [SLOPE] + [METAL_V] * (x.shape[1] - n - 2)
        if form.class_slopes:
            deviations[-n:] = [SLOPE] * n
        prior = np.diag(np.square(deviations))
        totals = [x @ prior @ x.T + scatter**2 * np.eye(len(y)) for scatter in SCATTERS_V]
        best = max(totals, key=lambda t: -y @ np.linalg.solve(t, y) - np.linalg.slogdet(t)[1])
        mean = prior @ x.T @ np.linalg.solve(best, y)
        for row in rows:
            if row.smiles == smiles and row.bond_class in names:
                errors[row.bond_class].append(abs(terms(row) @ mean - row.shift_v))
    return errors


def main():
    """Print the comparison."""
    described = read_rows("ligand_library", "bound_descriptors.csv", BoundDescriptors)
    shares = {row.smiles: row.shares for row in described if row.process == Process.OXIDATION}
    for binding, what in (("X", "anions"), ("L", "donors")):
        rows, _ = bound_rows(Process.OXIDATION, binding)
        print(f"oxidation of bound {what}, mean absolute error, V ({len(rows)} rows):")
        for form in FORMS:
            errors = left_out(form, rows, shares)
            total = statistics.fmean(value for values in errors.values() for value in values)
            worst = ", ".join(
                f"{name} {statistics.fmean(values):.2f}"
                for name, values in sorted(errors.items(), key=lambda item: -statistics.fmean(item[1]))[:3]
            )
            print(f"  {total:.3f}  {form.words:50s} worst: {worst}")


if __name__ == "__main__":
    main()
