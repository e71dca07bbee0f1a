/* The alignment diagram: the dot's edges and layers, and the levels of species beside them.
   Electrons rise upwards, so potentials run downwards. Every text is set as text. */

const STYLES = {
  active: { colour: "#D55E00", mark: "down" },
  undetermined: { colour: "#B87700", mark: "diamond" },
  inert: { colour: "#0072B2", mark: "circle" },
};
const OTHER = { colour: "#6f6f6f", mark: "square" };
const COUPLE = "#8A3C6B";
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/* How far levels are drawn beyond the edges, V; what lies further out is told by an arrow. */
const ABOVE = 1.75, BELOW = 1.75;

function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const text = (x, y, content, more = {}) =>
  s("text", { x, y, "font-size": 12, fill: "#2b3138", "dominant-baseline": "middle", ...more }, content);
const line = (x1, y1, x2, y2, more = {}) => s("line", { x1, y1, x2, y2, stroke: "#2b3138", "stroke-width": 1, ...more });

function mark(kind, x, y, colour, open) {
  const paint = { fill: open ? "#ffffff" : colour, stroke: colour, "stroke-width": 1.6 };
  if (kind === "circle") return s("circle", { cx: x, cy: y, r: 4.6, ...paint });
  const corners = {
    down: [[-5.4, -4.2], [5.4, -4.2], [0, 5.2]],
    diamond: [[0, -5.8], [5.2, 0], [0, 5.8], [-5.2, 0]],
    square: [[-4.2, -4.2], [4.2, -4.2], [4.2, 4.2], [-4.2, 4.2]],
    star: [...Array(10)].map((_, i) => {
      const r = i % 2 ? 2.7 : 6.6, angle = (i * Math.PI) / 5 - Math.PI / 2;
      return [r * Math.cos(angle), r * Math.sin(angle)];
    }),
  }[kind];
  return s("polygon", { points: corners.map(([dx, dy]) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join(" "), ...paint });
}

/* Places for labels: each at its own, moved only where two are nearer than the room of a line. */
function spread(values, room, low, high) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const places = [];
  for (const i of order) places.push(Math.max(values[i], low, places.length ? places.at(-1) + room : low));
  let limit = high;
  for (let k = places.length - 1; k >= 0; k--) { places[k] = Math.min(places[k], limit); limit = places[k] - room; }
  const found = [];
  order.forEach((i, k) => { found[i] = places[k]; });
  return found;
}

const shortened = (name, most) => {
  const clean = Array.from(name.replace(/\p{C}+/gu, " "));
  if (clean.length <= most) return clean.join("");
  const head = Math.ceil((most - 1) / 2);
  return `${clean.slice(0, head).join("")}…${clean.slice(clean.length - (most - 1 - head)).join("")}`;
};

/* Columns: { label, verdict, levels: [{ process, value, sigma, bound, verdict }], couple: { name, value, verdict }, open } with
   values in V vs SHE; bound is its side, "at most" or "at least". */
function diagram(columns, { width, height, cbm, vbm, labels }) {
  const slanted = columns.length > 1;
  const layers = page.dot.layers;
  const layerName = (layer) => (layer.size_nm === null ? layer.material : `${layer.material} ${Number(layer.size_nm.toFixed(2))} nm`);
  // The core's name runs down to the left of its block.
  const left = Math.max(62, 4.3 * layerName(layers[0]).length - 12), right = labels ? 250 : 112, top = 18, bottom = Math.max(slanted ? 118 : 46, 24 + 3.6 * Math.max(...layers.map((layer) => layerName(layer).length)));
  const high = cbm.value - ABOVE, low = vbm.value + BELOW;
  const bodyHeight = height - top - bottom, bodyRight = width - right;
  const y = (value) => top + (bodyHeight * (value - high)) / (low - high);
  const root = s("svg", {
    xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height,
    "font-family": FONT, role: "img",
  });
  root.append(
    s("title", {}, `Alignment of ${columns.map((c) => c.label).join(", ")} with ${page.dot.name || page.dot.spec}`),
    s("rect", { width, height, fill: "#ffffff" }),
  );

  // The axis: round numbers of the chosen scale.
  const ends = [shownOn(high), shownOn(low)].sort((a, b) => a - b);
  const step = 0.5;
  for (let tick = Math.ceil(ends[0] / step) * step; tick <= ends[1] + 1e-9; tick += step) {
    const at = y(scale.key === "vacuum" ? scale.offset - tick : tick + scale.offset);
    root.append(line(left - 4, at, left, at, { stroke: "#8a9199" }),
      text(left - 8, at, tick.toFixed(1).replace(/^-0\.0$/, "0.0").replace("-", MINUS), { "text-anchor": "end", "font-size": 11, fill: "#59616a" }));
  }
  root.append(line(left, top, left, top + bodyHeight, { stroke: "#8a9199" }),
    text(left - 46, top + bodyHeight / 2, axisTitle(), { "text-anchor": "middle", transform: `rotate(-90 ${left - 46} ${top + bodyHeight / 2})` }));

  // The edges of the whole dot with their uncertainty, across the figure.
  for (const edge of [cbm, vbm]) {
    root.append(
      s("rect", { x: left, width: bodyRight - left, y: y(edge.value - edge.sigma), height: Math.max(1, y(edge.value + edge.sigma) - y(edge.value - edge.sigma)), fill: "#56B4E9", opacity: 0.22 }),
      line(left, y(edge.value), bodyRight, y(edge.value), { stroke: "#2f6f97", "stroke-width": 1.2 }));
  }
  // The layers, from the core outwards.
  const wide = 26;
  layers.forEach((layer, index) => {
    const x = left + 6 + index * wide;
    for (const [from, to] of [[high, layer.cbm_v_she], [layer.vbm_v_she, low]]) {
      const a = y(Math.max(high, Math.min(low, from))), b = y(Math.max(high, Math.min(low, to)));
      root.append(s("rect", { x, y: a, width: wide, height: Math.max(0, b - a), fill: "#c3ccd4", stroke: "#4b545d", "stroke-width": 0.7 }));
    }
    const name = layerName(layer);
    const x0 = x + wide / 2 + 3, y0 = top + bodyHeight + 12;
    root.append(text(x0, y0, name, { "font-size": 10, fill: "#59616a", "text-anchor": "end", transform: `rotate(-40 ${x0} ${y0})` }));
  });

  const first = left + 6 + layers.length * wide + 14;
  const pitch = (bodyRight - first) / Math.max(columns.length, 1);
  const notes = [
    { at: y(cbm.value), content: `CBM ${potential(cbm.value, labels ? cbm.sigma : null)}`, colour: "#2f6f97" },
    { at: y(vbm.value), content: `VBM ${potential(vbm.value, labels ? vbm.sigma : null)}`, colour: "#2f6f97" },
  ];
  const couples = new Map();
  columns.forEach((column, index) => {
    const middle = first + pitch * (index + 0.5), x = middle, half = Math.min(15, pitch * 0.34);
    const group = s("g", column.open ? { class: "species", tabindex: 0, role: "button", "aria-label": `Open ${column.label}` } : {});
    group.append(s("title", {}, `${column.label}: ${column.verdict || "not ranked"}`),
      s("rect", { x: x - pitch / 2, y: top, width: pitch, height: bodyHeight, fill: "transparent" }));
    for (const level of column.levels) {
      const style = STYLES[level.verdict] || OTHER;
      const open = level.process === "oxidation", symbol = open ? "ox" : "red";
      // Side by side, so that long error bars of one species do not run into one.
      const x = middle + (open ? 4 : -4);
      const outside = level.value < high + 0.12 ? -1 : level.value > low - 0.12 ? 1 : 0;
      if (outside) {
        const at = outside < 0 ? top + 12 : top + bodyHeight - 12;
        group.append(s("path", { d: `M${x - 5},${at + 3 * -outside} L${x},${at + 8 * outside} L${x + 5},${at + 3 * -outside}`, fill: "none", stroke: style.colour, "stroke-width": 1.8 }));
        if (!labels && pitch > 24) group.append(text(x, at - outside * 12, signed(shownOn(level.value), { digits: 1 }), { "font-size": 9.5, "text-anchor": "middle", fill: style.colour }));
        if (labels) notes.push({ at, symbol, content: potential(level.value, level.sigma, level.bound), colour: style.colour });
        continue;
      }
      const at = y(level.value);
      if (level.sigma !== null) {
        const a = Math.max(top, y(level.value - level.sigma)), b = Math.min(top + bodyHeight, y(level.value + level.sigma));
        group.append(line(x, a, x, b, { stroke: style.colour, "stroke-width": 1.2 }));
      }
      group.append(line(x - half, at, x + half, at, { stroke: style.colour, "stroke-width": 2.4 }), mark(style.mark, x, at, style.colour, open));
      if (level.bound) {
        const way = level.process === "reduction" ? -1 : 1;
        group.append(s("path", { d: `M${x + half - 4},${at + way * 5} l4,${way * 6} l4,${-way * 6}`, fill: "none", stroke: style.colour, "stroke-width": 1.4 }));
      }
      if (labels) notes.push({ at, symbol, content: potential(level.value, level.sigma, level.bound), colour: style.colour });
    }
    if (column.couple && column.couple.value > high && column.couple.value < low) {
      const at = y(column.couple.value);
      group.append(line(x - half, at, x + half, at, { stroke: COUPLE, "stroke-width": 1.6, "stroke-dasharray": "3 2" }), mark("star", x, at, (STYLES[column.couple.verdict] || OTHER).colour, false));
      couples.set(column.couple.name, { at, value: column.couple.value, sigma: column.couple.sigma });
    }
    if (slanted) {
      const y0 = top + bodyHeight + 12;
      group.append(text(x + 4, y0, shortened(column.label, 24), { "font-size": 10.5, "text-anchor": "end", transform: `rotate(-40 ${x + 4} ${y0})` }));
    } else {
      group.append(text(x, top + bodyHeight + 20, shortened(column.label, 34), { "text-anchor": "middle", "font-size": 11.5 }));
    }
    if (column.open) {
      group.addEventListener("click", column.open);
      group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); column.open(); } });
    }
    root.append(group);
  });
  for (const [name, { at, value, sigma }] of couples) {
    notes.push({ at, content: `${coupleWords(name)} ${potential(value, labels ? sigma : null)}`, colour: COUPLE });
  }
  const places = spread(notes.map((note) => note.at), 15, top + 6, top + bodyHeight - 6);
  notes.forEach((note, index) => {
    root.append(s("path", { d: `M${bodyRight},${note.at} L${bodyRight + 10},${places[index]}`, stroke: note.colour, fill: "none", "stroke-width": 0.8 }),
      text(bodyRight + 13, places[index], "", { fill: note.colour, "font-size": labels ? 12 : 11 }));
    if (note.symbol) root.lastChild.append(s("tspan", { "font-style": "italic" }, "E"), s("tspan", { dy: 3, "font-size": 9 }, note.symbol), s("tspan", { dy: -3 }, ` ${note.content}`));
    else root.lastChild.append(note.content);
  });
  if (labels) root.append(text(bodyRight + 13, top + bodyHeight + 20, unitOf(), { fill: "#59616a", "font-size": 11 }));
  return root;
}
