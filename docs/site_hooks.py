"""Runs the examples of the documentation while it is built.

Blocks marked ``exec`` are run by markdown-exec, each page in an empty folder of its own that looks like a
clone; a command that fails, also in the middle of a block, is a warning, which ``mkdocs build --strict``
turns into an error. Output on the pages is therefore always what the commands print.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

_CLONE = Path(__file__).resolve().parents[1]
#: What an example may name by its path in the clone.
_LINKED = ("docs", "workflows", "ligand_library", "band_data", "tests")
#: Such as ``:mod:`~echemscreen.levels.redox```, as HTML.
_ROLE = re.compile(r":(?:class|mod|func|meth|data):(<code[^>]*>)~?")


class _Workplace:
    """The folders in which pages run their examples."""

    root: Path | None = None
    started_in: Path = Path.cwd()


def on_startup(**_: Any) -> None:
    """Make the workplace, and put this environment's commands first."""
    root = Path(tempfile.mkdtemp(prefix="echemscreen-docs-"))
    _Workplace.root = root
    strict = root / "strict.sh"
    strict.write_text("set -euo pipefail\n", encoding="utf-8")
    plugins = root / "plugins"
    plugins.mkdir()
    os.environ |= {
        "BASH_ENV": str(strict),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        # The example of a plug-in is installed beside the environment, not into it, and without network.
        "PIP_TARGET": str(plugins),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this switch as "isolation: no"
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(plugins), os.environ.get("PYTHONPATH")))),
        "OMP_NUM_THREADS": "1",
    }
    # Functions that pages show tables and figures with.
    sys.path.insert(0, str(Path(__file__).parent))


def on_config(config: Any, **_: Any) -> Any:
    """Pages quote files of the clone by their paths, wherever the build stands at that moment."""
    config["mdx_configs"]["pymdownx.snippets"]["base_path"] = [str(_CLONE)]
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Enter the page's own folder."""
    assert _Workplace.root is not None
    folder = _Workplace.root / page.file.src_uri.removesuffix(".md").replace("/", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in _LINKED:
        (folder / name).symlink_to(_CLONE / name)
    os.chdir(folder)
    return markdown


def on_page_content(html: str, **_: Any) -> str:
    """Leave it; roles of docstrings, which Markdown does not know, become plain code."""
    os.chdir(_Workplace.started_in)
    return _ROLE.sub(r"\1", html)


def on_shutdown(**_: Any) -> None:
    """Remove the workplace."""
    os.chdir(_Workplace.started_in)
    if _Workplace.root is not None:
        shutil.rmtree(_Workplace.root, ignore_errors=True)
