/* A page with one diagram: its axis, a part of it, which processes, what stands under the pointer, and files. */

const byId = (id) => document.getElementById(id);
const { drawing } = page, hidden = new Set(), frame = byId("frame");
const full = drawing.bottom - drawing.top;
let zoom = 1, centre = (drawing.top + drawing.bottom) / 2;

function draw() {
  const half = full / zoom / 2;
  centre = Math.max(drawing.top + half, Math.min(drawing.bottom - half, centre));
  const focused = document.activeElement?.closest?.(".species")?.dataset.index;
  byId("drawing").replaceChildren(diagram(drawing, { width: frame.clientWidth, height: 620, view: { high: centre - half, low: centre + half }, hidden, tell }));
  // The species were made anew: the keyboard stays where it was.
  if (focused !== undefined) byId("drawing").querySelector(`[data-index="${focused}"]`).focus();
  byId("constant").textContent = constantOf();
  byId("whole").disabled = byId("wider").disabled = zoom === 1;
  byId("closer").disabled = zoom >= 16;
}

let told = null;
function tell(index) {
  if (told === `${index} ${scale.key}`) return;
  told = `${index} ${scale.key}`;
  const column = drawing.columns[index];
  byId("details").replaceChildren(
    structureImage(column.place, column.smiles, "large"),
    h("div", {}, h("h2", {}, column.name || column.label), h("p", {}, h("span", { class: `verdict ${column.verdict}` }, column.verdict || "not ranked"), column.role ? `, ${words(column.role)}` : ""),
      ...column.levels.map((level) => h("p", {}, `${levelWords(level)}${level.verdict ? `: ${level.verdict}` : ""}`)),
      column.couple && column.couple_value !== null ? h("p", {}, `${coupleWords(column.couple)} ${potential(column.couple_value, null)} ${unitOf()}`) : null,
      ...column.facts.map((fact) => h("p", {}, fact)), h("p", { class: "smiles" }, column.smiles)));
}

function magnify(by) {
  zoom = Math.max(1, Math.min(16, zoom * by));
  draw();
}

byId("closer").addEventListener("click", () => magnify(1.5));
byId("wider").addEventListener("click", () => magnify(1 / 1.5));
byId("whole").addEventListener("click", () => magnify(1 / 16));
for (const choice of document.querySelectorAll("input[data-process]")) {
  choice.addEventListener("change", () => { hidden[choice.checked ? "delete" : "add"](choice.dataset.process); draw(); });
}
for (const choice of document.querySelectorAll("input[name=scale]")) {
  choice.addEventListener("change", () => { scale = scaleOf.get(choice.value); draw(); });
}
const shown = () => byId("drawing").firstElementChild;
byId("save-svg").addEventListener("click", () => saveSvg(shown(), `alignment-${scale.key}`));
byId("save-png").addEventListener("click", () => savePng(shown(), `alignment-${scale.key}`));

// The wheel scrolls the page; with Ctrl, or two fingers, it magnifies the axis, which is then dragged or moved by arrows.
const volts = (pixels) => (pixels * full) / zoom / (shown().clientHeight || 1);
frame.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  magnify(event.deltaY < 0 ? 1.2 : 1 / 1.2);
}, { passive: false });
let held = null;
frame.addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse") held = event.clientY; });
window.addEventListener("pointerup", () => { held = null; });
window.addEventListener("pointermove", (event) => {
  if (held === null || zoom === 1) return;
  centre -= volts(event.clientY - held);
  held = event.clientY;
  draw();
});
frame.addEventListener("keydown", (event) => {
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!way || zoom === 1) return;
  event.preventDefault();
  centre += way * volts(40);
  draw();
});
window.addEventListener("resize", draw);
draw();
document.body.dataset.ready = "yes";
