"""What every page for the browser is made of: template, style, scripts, and what they may do.

Its content security policy names the scripts by their digests and allows nothing else: no host, no other
script, no form. Names and SMILES reach the page as text only, through the template's escaping or as JSON
that the script sets as text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from echemscreen.scales import reference_electrodes
from echemscreen.views.palette import LOOK

_ASSETS = files("echemscreen.views.report") / "assets"


def asset(name: str) -> str:
    """The text of a shipped file."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def asset_bytes(name: str) -> bytes:
    """A shipped file that is no text."""
    return (_ASSETS / name).read_bytes()


def script_of(*names: str) -> str:
    """Scripts joined into one that leaves no name behind; each uses names of those before it."""
    body = "\n".join(map(asset, names))
    return f'(() => {{\n"use strict";\n{body}\n}})();'


def facts() -> dict[str, Any]:
    """What the scripts of every page must know: the axes in the order of the switch, colours and signs."""
    scales = [
        {
            "key": row.scale,
            "label": row.label,
            "offset": row.offset_v_she,
            "sigma": row.uncertainty_v,
            "source": str(row.source),
        }
        for row in reference_electrodes().values()
    ]
    return {"scales": scales, "look": LOOK}


def made(
    template: str,
    script: str,
    libraries: Iterable[str] = (),
    *,
    runs_modules: bool = False,
    **content: Any,  # noqa: ANN401
) -> str:
    """A page of one template, which may run its script and the libraries that it unpacks.

    Parameters
    ----------
    runs_modules
        Whether a library of it is compiled code (WebAssembly); code made from text stays forbidden.

    Raises
    ------
    jinja2.UndefinedError
        if the content lacks what the template shows.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Verdicts and roles keep their order, from the worst on.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    style = asset("report.css")
    return environment.from_string(f"{asset('axis.html.j2')}{asset(template)}").render(
        policy=_policy((script, *libraries), style, runs_modules=runs_modules),
        script=Markup(script),  # noqa: S704 - our own asset
        style=Markup(style),  # noqa: S704 - our own asset
        **content,
    )


def _policy(scripts: Iterable[str], style: str, *, runs_modules: bool) -> str:
    """What the page may do: these scripts, this style, images out of itself."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    modules = " 'wasm-unsafe-eval'" if runs_modules else ""
    return (
        f"default-src 'none'; script-src {' '.join(map(digest, scripts))}{modules}; "
        f"style-src {digest(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
