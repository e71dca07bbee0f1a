"""What ten measured ligands of a house do for its others, on classes that the fit has never seen.

    python tests/benchmarks/own_class.py

Of every functional class with twenty measured members or more, all members are left out of the fit, which
predicts them; then ten of them, drawn at random, are known (the Gaussian process is conditioned on them, as
``--measured`` does), and the others are predicted again. Mean absolute errors over twenty draws.
"""

import numpy as np

from echemscreen.levels.fit.cross_validation import measured_rows
from echemscreen.levels.fit.gaussian import fitted, paired, rows_of, solved
from echemscreen.levels.fit.references import reference_descriptors, references
from echemscreen.records.processes import PROCESSES

MIN_MEMBERS, KNOWN, DRAWS = 20, 10, 20


def of_process(process):
    """Class, members, error before and after, V; one line each."""
    pairs = paired(references(), reference_descriptors())
    rows = rows_of(process, "tblite", "adiabatic", pairs)
    choice = fitted(rows).choice
    measured = measured_rows(rows)
    generator = np.random.default_rng(0)
    for name in sorted({name for names in rows.classes for name in names}):
        members = np.array([name in names for names in rows.classes])
        of_house = np.flatnonzero(members & measured)
        if len(of_house) < MIN_MEMBERS or (~members).sum() < len(rows.y) / 2:
            continue
        before, after = [], []
        stranger, _ = solved(rows.part(~members), choice).predict(rows.part(members))
        at = {index: place for place, index in enumerate(np.flatnonzero(members))}
        for _ in range(DRAWS):
            known = generator.choice(of_house, KNOWN, replace=False)
            others = np.setdiff1d(of_house, known)
            fit_on = ~members
            fit_on[known] = True
            said, _ = solved(rows.part(fit_on), choice).predict(
                rows.part(np.isin(np.arange(len(rows.y)), others))
            )
            after.append(np.abs(said - rows.y[others]).mean())
            before.append(np.abs(stranger[[at[i] for i in others]] - rows.y[others]).mean())
        yield name, len(of_house), float(np.mean(before)), float(np.mean(after))


if __name__ == "__main__":
    print("process    class                        members never seen ten known lower by")
    lower = []
    for process in PROCESSES:
        for name, n, before, after in of_process(process):
            lower.append(1 - after / before)
            print(f"{process:10s} {name:28s} {n:7d} {before:8.3f} V {after:7.3f} V {lower[-1]:7.0%}")
    print(f"median {np.median(lower):.0%}; at least 40 % in {sum(x >= 0.4 for x in lower)} of {len(lower)}")
