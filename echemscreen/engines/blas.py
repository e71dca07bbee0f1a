"""An OpenBLAS for tblite, whose wheel for Linux brings the reference BLAS and LAPACK: half as fast.

A library that is loaded for all before tblite is, is where the loader finds tblite's routines. Taken is the
first at hand: the system's, or one that the wheel of another engine brings. Energies agree to rounding. From
conda-forge tblite comes with a fast one.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

#: By the name under which distributions install it: 32-bit integers, names of routines as in the reference.
_SYSTEM = "libopenblas.so.0"
#: Folders of wheels with one of such names, beside or in a package.
_IN_WHEELS = (("xtb", "../xtb.libs"), ("pyscf", "lib"))
#: What such a library needs from its own folder, in the order of loading.
_NEEDED = ("libquadmath*", "libgfortran*")


def load_openblas() -> str:
    """Load an OpenBLAS, on one thread, for what is loaded after it; its name, blank if there is none."""
    if sys.platform != "linux":
        return ""
    for name in (_SYSTEM, *_found()):
        with suppress(OSError):
            library = ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
            # Molecules are small, and workers as many as there are cores.
            library.openblas_set_num_threads(1)
            return name
    return ""


def _found() -> Iterator[str]:
    for package, folder in _IN_WHEELS:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            continue
        libraries = Path(spec.origin).parent / folder
        for pattern in _NEEDED:
            for path in sorted(libraries.glob(pattern)):
                with suppress(OSError):
                    ctypes.CDLL(str(path))
        yield from map(str, sorted(libraries.glob("libopenblas*")))
