"""The page around plotly's traces: markup, style and the script of the buttons."""

from __future__ import annotations

#: Once in the style sheet of a page.
STYLE = """
.es-diagram { font: 14px/1.4 Arial, Helvetica, sans-serif; color: #222; }
.es-diagram .es-scales button { font: inherit; padding: .25em .8em; margin: 0 .3em .3em 0; cursor: pointer;
  border: 1px solid #888; border-radius: 3px; background: #fff; color: #222; }
.es-diagram .es-scales button[aria-pressed="true"] { background: #0072b2; color: #fff; }
.es-diagram .es-constant { margin: .2em 0 .4em; color: #444; min-height: 1.4em; }
.es-diagram .es-scroll { overflow-x: auto; }
.es-diagram .es-caption { color: #444; max-width: 75em; }
.es-diagram .es-details { display: flex; flex-wrap: wrap; gap: 1em; align-items: flex-start; min-height: 12em;
  border-top: 1px solid #ccc; padding-top: .6em; }
.es-diagram .es-details img { width: 260px; height: 180px; object-fit: contain; }
.es-diagram .es-details div { flex: 1 1 24em; overflow-wrap: anywhere; }
.es-diagram .es-details p { margin: .15em 0; }
"""

#: Once in a script of a page, after plotly.js and before the fragments.
SCRIPT = """
function echemscreenDiagram(id) {
  const root = document.getElementById(id);
  const spec = JSON.parse(document.getElementById(id + "-spec").textContent);
  const plot = root.querySelector(".es-plot");
  const details = root.querySelector(".es-details");
  const config = { responsive: true, displaylogo: false, plotlyServerURL: "",
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
    toImageButtonOptions: { format: "svg", filename: id } };
  function show(scale) {
    const chosen = spec.scales[scale];
    root.querySelector(".es-constant").textContent = chosen.constant;
    for (const button of root.querySelectorAll(".es-scales button")) {
      button.setAttribute("aria-pressed", String(button.dataset.scale === scale));
    }
    // Plotly writes into what it is given.
    const figure = structuredClone(chosen.figure);
    return Plotly.react(plot, figure.data, figure.layout, config);
  }
  function tell(event) {
    const species = spec.species[event.points[0].customdata];
    if (!species) { return; }
    const words = document.createElement("div");
    for (const line of [species.name, species.verdict, ...species.facts, species.smiles]) {
      if (!line) { continue; }
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      words.append(paragraph);
    }
    if (words.firstChild) { words.firstChild.style.fontWeight = "bold"; }
    details.replaceChildren();
    if (species.image) {
      const image = document.createElement("img");
      image.src = species.image;
      image.alt = species.smiles;
      details.append(image);
    }
    details.append(words);
  }
  for (const button of root.querySelectorAll(".es-scales button")) {
    button.addEventListener("click", () => show(button.dataset.scale));
  }
  show(spec.first).then(() => {
    plot.on("plotly_hover", tell);
    plot.on("plotly_click", tell);
  });
}
"""

#: ``{id}``, ``{buttons}``, ``{width}``, ``{height}``, ``{caption}`` and ``{spec}`` are filled in, escaped.
FRAGMENT = """<div class="es-diagram" id="{id}">
<div class="es-scales" role="group" aria-label="Reference of the axis">{buttons}</div>
<p class="es-constant"></p>
<div class="es-scroll"><div class="es-plot" style="min-width:{width}px;height:{height}px"></div></div>
<p class="es-caption">{caption}</p>
<div class="es-details" aria-live="polite">Point at a level to see its molecule.</div>
</div>
<script type="application/json" id="{id}-spec">{spec}</script>
<script>echemscreenDiagram("{id}");</script>
"""

#: A whole page; its security policy lets it load nothing.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline';
 style-src 'unsafe-inline'; img-src data: blob:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 1em; }}{style}</style>
<script>{plotly}</script>
<script>{script}</script>
</head>
<body>
{body}</body>
</html>
"""
