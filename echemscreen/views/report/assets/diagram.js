/* The alignment diagram in every page: the dot's edges and layers, and the levels of species beside them, drawn from
   the JSON of echemscreen/views/alignment/drawing.py with potentials in V vs SHE. Electrons rise upwards, so potentials
   run downwards. Every text is set as text. Colours and signs are those of the printed figures (palette.py). */

const LOOK = page.look;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const SOFT = "#59616a", LINE = "#8a9199";
/* Pixels: a species at least and at most, a layer of a device, the strip of an arrow at either end of the axis. */
const LEAST = 24, MOST = 64, SLOT = 70, ARROW = 14;
/* Lines of levels by how they were found; a measured one is a pair of thin lines. */
const DASHES = { vertical: "4 2.5", estimated: "1.2 2" };

function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const text = (x, y, content, more = {}) =>
  s("text", { x, y, "font-size": 11, fill: LOOK.ink, "dominant-baseline": "middle", ...more }, content);
const turned = (x, y, content, more = {}) => text(x, y, content, { transform: `rotate(-90 ${x} ${y})`, ...more });
const line = (x1, y1, x2, y2, more = {}) => s("line", { x1, y1, x2, y2, stroke: LOOK.ink, "stroke-width": 1, ...more });
const box = (x, y, width, height, fill, more = {}) => s("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), fill, ...more });
const arrow = (x, y, way, colour, more = {}) =>
  s("path", { d: `M${x - 4},${y - 6 * way} L${x},${y} L${x + 4},${y - 6 * way}`, fill: "none", stroke: colour, "stroke-width": 1.6, ...more });

/* Matplotlib's names of the signs, as corners around a point; a circle has none. */
const CORNERS = {
  v: [[-5.4, -4.2], [5.4, -4.2], [0, 5.2]],
  "^": [[-5.4, 4.2], [5.4, 4.2], [0, -5.2]],
  D: [[0, -5.8], [5.2, 0], [0, 5.8], [-5.2, 0]],
  s: [[-4.2, -4.2], [4.2, -4.2], [4.2, 4.2], [-4.2, 4.2]],
  "*": [...Array(10)].map((_, i) => {
    const r = i % 2 ? 2.7 : 6.6, angle = (i * Math.PI) / 5 - Math.PI / 2;
    return [r * Math.cos(angle), r * Math.sin(angle)];
  }),
};
function mark(kind, x, y, colour, open = false) {
  const paint = { fill: open ? "#ffffff" : colour, stroke: colour, "stroke-width": 1.6 };
  if (kind === "x") return s("path", { d: `M${x - 4},${y - 4} l8,8 m0,-8 l-8,8`, ...paint });
  if (kind === "o") return s("circle", { cx: x, cy: y, r: 4.6, ...paint });
  return s("polygon", { points: CORNERS[kind].map(([dx, dy]) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join(" "), ...paint });
}

const styleOf = (verdict) => LOOK.styles[verdict] ?? LOOK.other;
const symbolOf = (level) => (level.kind === "oxidation" ? "ox" : "red");
const signOf = (column, level) => (column.role ? LOOK.roles[column.role][0] : styleOf(level.verdict)[1]);

/* What a reader is told who points at a level. */
const levelWords = (level) => [
  `E_${symbolOf(level)} ${potential(level.value, level.sigma, level.bound)} ${unitOf()}`,
  level.basis, level.bound ? "a bound: the true value lies further out" : "",
].filter(Boolean).join(", ");

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

/* What the signs of a drawing mean: only what is drawn. */
function legendOf(drawing) {
  const { columns } = drawing, levels = columns.flatMap((column) => column.levels);
  const said = new Set([...levels.map((level) => level.verdict), ...columns.map((column) => column.couple_verdict)]);
  const roles = new Set(columns.map((column) => column.role).filter(Boolean)), bases = new Set(levels.map((level) => level.basis));
  const grey = LOOK.grey, items = [];
  for (const [verdict, [colour, sign]] of Object.entries(LOOK.styles)) {
    if (said.has(verdict)) items.push([(x, y) => mark(roles.size ? "s" : sign, x, y, colour), verdict]);
  }
  for (const [role, [sign, words]] of Object.entries(LOOK.roles)) if (roles.has(role)) items.push([(x, y) => mark(sign, x, y, grey), words]);
  if (levels.length) items.push([(x, y) => mark("s", x, y, grey), "reduction"], [(x, y) => mark("s", x, y, grey, true), "oxidation"]);
  for (const basis of ["adiabatic", "vertical", "estimated", "measured"]) {
    if (bases.has(basis)) items.push([(x, y) => levelLine(x, y, 8, basis, grey), basis]);
  }
  if (columns.some((column) => column.couple && column.couple_value !== null)) items.push([(x, y) => mark("*", x, y, grey), "metal couple"]);
  items.push([(x, y) => box(x - 7, y - 5, 14, 10, LOOK.sigma, { opacity: 0.35 }), "edges ± one sd"]);
  return items;
}

/* Signs with their words, in rows of a width; and how high they are together. */
function legendRows(items, width) {
  const rows = [[]];
  let used = 0;
  for (const item of items) {
    const room = 34 + 6.2 * item[1].length;
    if (used + room > width - 20 && used) { rows.push([]); used = 0; }
    rows.at(-1).push([used, ...item]);
    used += room;
  }
  return { rows, height: items.length ? 14 + 18 * rows.length : 12 };
}
const legendParts = (rows, y) => rows.flatMap((row, at) => row.flatMap(([start, sign, words]) =>
  [sign(start + 16, y + 18 * at), text(start + 27, y + 18 * at, words, { fill: SOFT })]));

function levelLine(x, y, half, basis, colour) {
  const stroke = { stroke: colour, "stroke-width": basis === "measured" ? 4 : 2.4, "stroke-dasharray": DASHES[basis] ?? "none" };
  return s("g", {}, line(x - half, y, x + half, y, stroke), basis === "measured" ? line(x - half, y, x + half, y, { stroke: "#ffffff", "stroke-width": 1.4 }) : null);
}

/* Names of edges, couples and, where there is room for labels, levels: at the right, a line each. */
function notesOf(drawing, labels) {
  const notes = drawing.guides.map((guide) => ({
    value: guide.value, colour: guide.kind === "couple" ? LOOK.couple[1] : LOOK.edge,
    content: `${coupleWords(guide.name)} ${potential(guide.value, labels ? guide.sigma : null)}${guide.kind === "user edge" ? ", given by the user" : ""}`,
  }));
  const levels = labels ? drawing.columns.flatMap((column) => column.levels) : [];
  return [...notes, ...levels.map((level) => ({ value: level.value, symbol: symbolOf(level), content: potential(level.value, level.sigma, level.bound), colour: LOOK.text[level.verdict] ?? SOFT }))];
}

/* drawing: the JSON; width: the room that there is, in pixels; view: { high, low } of a part of the axis, V vs SHE;
   labels: whether levels have their numbers beside them; hidden: processes, and "couple", that are not drawn;
   open, tell: called with the index of a species that is chosen, or pointed at. */
function diagram(drawing, { width = 900, height = 470, view = null, labels = false, legend = true, hidden = new Set(), open = null, tell = null } = {}) {
  const { columns, groups, blocks, device } = drawing;
  const high = view?.high ?? drawing.top, low = view?.low ?? drawing.bottom;
  const notes = notesOf(drawing, labels).filter(({ value }) => labels || (value > high && value < low));
  const before = device?.before ?? [], after = device?.after ?? [];
  const axis = 58, left = axis + SLOT * before.length + (before.length ? 8 : 0);
  const right = 22 + Math.max(6.3 * unitOf().length, ...notes.map(({ content, symbol }) => 6.3 * (content.length + (symbol ? 4 : 0)))) + SLOT * after.length;
  const units = drawing.last_x + 0.8;
  const unit = Math.max(LEAST, Math.min(MOST, (width - left - right) / units));
  const whole = Math.ceil(left + units * unit + right);
  const slanted = columns.length > 1 && !groups.length;
  // Where the figure is wider than the room that there is, its legend is read without scrolling.
  const key = legendRows(legend ? legendOf(drawing) : [], Math.min(whole, width));
  const top = key.height + (device ? 30 : 0);
  // A small picture of a dot has no room for the names of layers within their gaps: they are numbered and named below.
  const least = columns.length || device ? 0 : Math.min(...blocks.map(({ cbm, vbm, label }) => ((height - top - 14) * (vbm - cbm)) / (low - high) - 6.4 * label.length));
  const layers = least < 0 ? legendRows(blocks.map(({ label }, index) => [(x, y) => text(x, y, `${index + 1}`, { "text-anchor": "middle", "font-weight": 600 }), label]), whole) : null;
  const bottom = groups.length ? 62 : slanted ? 122 : columns.length ? 40 : 14 + (layers ? layers.height : 0);
  const bodyHeight = height - top - bottom, end = top + bodyHeight;
  const x = (place) => left + (place + 0.6) * unit;
  const y = (value) => top + (bodyHeight * (value - high)) / (low - high);
  const inside = (value) => Math.max(top, Math.min(end, y(value)));
  const seen = (value) => value >= high && value <= low;
  const bodyRight = x(drawing.last_x + 0.2);

  const root = s("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${whole} ${height}`, width: whole, height, "font-family": FONT, role: open || tell ? "group" : "img" });
  root.append(s("title", {}, `Alignment of ${columns.map((column) => column.name || column.label).join(", ") || "the layers"} with ${page.dot}`), box(0, 0, whole, height, "#ffffff"));
  root.append(...legendParts(key.rows, 14));

  // The axis: round numbers of the chosen scale.
  const ends = [shownOn(high), shownOn(low)].sort((a, b) => a - b);
  const step = [0.05, 0.1, 0.2, 0.5, 1].find((size) => (bodyHeight * size) / (low - high) > 26) ?? 1;
  for (let number = Math.ceil(ends[0] / step - 1e-9); number * step <= ends[1] + 1e-9; number += 1) {
    const at = y(scale.key === "vacuum" ? scale.offset - number * step : number * step + scale.offset);
    root.append(line(axis - 4, at, axis, at, { stroke: LINE }), text(axis - 7, at, written(number * step, step < 0.1 ? 2 : 1).replace("-", MINUS), { "text-anchor": "end", fill: SOFT }));
  }
  root.append(turned(axis - 44, top + bodyHeight / 2, axisTitle(), { "text-anchor": "middle", "font-size": 12 }));

  // The gap, the edges of the whole dot with their uncertainty, and the couples' lines.
  root.append(box(x(-0.5), inside(drawing.cbm), bodyRight - x(-0.5), inside(drawing.vbm) - inside(drawing.cbm), LOOK.gap));
  for (const [value, sigma] of [[drawing.cbm, drawing.cbm_sigma], [drawing.vbm, drawing.vbm_sigma]]) {
    root.append(box(x(-0.5), inside(value - sigma), bodyRight - x(-0.5), inside(value + sigma) - inside(value - sigma), LOOK.sigma, { opacity: 0.25 }));
  }
  for (const guide of drawing.guides) {
    const couple = guide.kind === "couple";
    if (!seen(guide.value) || (couple && hidden.has("couple"))) continue;
    root.append(line(x(couple ? drawing.first_x : -0.5), y(guide.value), bodyRight, y(guide.value), { stroke: couple ? LOOK.couple[0] : LOOK.edge, "stroke-dasharray": couple ? "1.5 2.5" : guide.kind === "user edge" ? "none" : "5 3" }));
  }
  // The layers: bands of a dot by itself, boxes within a device.
  blocks.forEach((block, index) => {
    const start = x(block.x - 0.5), edge = { stroke: LOOK.edge, "stroke-width": 0.7 };
    const [cbm, vbm] = [inside(block.cbm), inside(block.vbm)];
    if (device) root.append(box(start, cbm, unit, vbm - cbm, index === Math.floor(blocks.length / 2) ? LOOK.core : LOOK.shell, edge));
    else root.append(box(start, top, unit, cbm - top, LOOK.band, edge), box(start, vbm, unit, end - vbm, LOOK.band, edge));
    const room = Math.floor((vbm - cbm) / 6.4);
    if (layers) root.append(text(x(block.x), (cbm + vbm) / 2, `${index + 1}`, { "text-anchor": "middle", "font-weight": 600 }));
    else if (room > 3) root.append(turned(x(block.x), (cbm + vbm) / 2, shortened(block.label, room), { "text-anchor": "middle", "font-size": 10.5 }));
  });
  const exciton = drawing.vbm - drawing.exciton_ev;
  if (!device && columns.length && drawing.exciton_ev > 0 && seen(exciton) && seen(drawing.vbm)) {
    const at = x(blocks.length - 0.28), long = y(drawing.vbm) - y(exciton) > 96;
    root.append(line(at, y(drawing.vbm), at, y(exciton)), arrow(at, y(exciton), -1, LOOK.ink),
      turned(at + 0.42 * unit, (y(drawing.vbm) + y(exciton)) / 2, `${long ? "exciton " : ""}${written(drawing.exciton_ev)} eV`, { "text-anchor": "middle", "font-size": 10.5 }));
  }
  if (layers) root.append(...legendParts(layers.rows, end + 20));
  root.append(box(axis, top, (device ? whole - 4 : bodyRight) - axis, bodyHeight, "none", { stroke: LINE }));

  columns.forEach((column, index) => root.append(species(column, index)));
  groups.forEach((group) => {
    const at = x((group.start + group.end) / 2), room = Math.floor(((group.end - group.start) * unit) / 6);
    [[group.label, LOOK.ink, 600], [group.verdict, LOOK.text[group.verdict] ?? SOFT, 400], [group.note, LOOK.ink, 400]].forEach(([words, fill, weight], row) => {
      root.append(text(at, end + 14 + 16 * row, shortened(words, room), { "text-anchor": "middle", fill, "font-weight": weight }));
    });
  });
  const places = spread(notes.map(({ value }) => inside(value)), 15, top + 6, end - 6);
  notes.forEach((note, index) => {
    root.append(s("path", { d: `M${bodyRight},${inside(note.value)} L${bodyRight + 9},${places[index]}`, stroke: note.colour, fill: "none", "stroke-width": 0.8 }),
      text(bodyRight + 12, places[index], "", { fill: note.colour }));
    if (note.symbol) root.lastChild.append(s("tspan", { "font-style": "italic" }, "E"), s("tspan", { dy: 3, "font-size": 9 }, note.symbol), s("tspan", { dy: -3 }, ` ${note.content}`));
    else root.lastChild.append(note.content);
  });
  if (notes.length && bottom > 20 && !layers) root.append(text(bodyRight + 12, end + 14, unitOf(), { fill: SOFT }));
  before.forEach((slot, index) => root.append(layer(slot, axis + 4 + SLOT * index)));
  after.forEach((slot, index) => root.append(layer(slot, whole - 6 - SLOT * (after.length - index))));
  return root;

  function species(column, index) {
    const name = column.name || column.label, middle = x(column.x);
    const pitch = unit * Math.min(1, ...columns.slice(1).map((other, at) => other.x - columns[at].x).filter((gap) => gap > 0));
    const half = Math.min(15, pitch * 0.34), shift = Math.min(4, pitch * 0.09);
    const levels = column.levels.filter((level) => !hidden.has(level.kind));
    const acts = open || tell ? { tabindex: 0, role: "button", "aria-label": `${open ? "Open" : "Show"} ${name}` } : {};
    const group = s("g", { class: "species", "data-index": index, opacity: column.decides === false ? LOOK.pale : 1, ...acts });
    group.append(s("title", {}, [`${name}: ${column.verdict || "not ranked"}`, ...levels.map(levelWords)].join("\n")), box(middle - pitch / 2, top, pitch, bodyHeight, "transparent"));
    for (const level of levels.filter(({ value }) => seen(value))) {
      const [colour] = styleOf(level.verdict), out = level.kind === "reduction" ? -1 : 1;
      // Side by side, so that long error bars of one species do not run into one.
      const at = y(level.value), place = middle + shift * out, sigma = level.sigma ?? 0;
      const arm = (way) => line(place, at, place, inside(level.value + way * sigma), { stroke: colour, "stroke-width": 1.2 });
      if (level.sigma !== null) group.append(arm(-out));
      if (level.bound) {
        const tip = Math.max(top, Math.min(end, y(level.value + out * sigma) + out * ARROW));
        group.append(line(place, at, place, tip, { stroke: colour, "stroke-width": 1.2 }), arrow(place, tip, out, colour));
      } else if (level.sigma !== null) group.append(arm(out));
      group.append(levelLine(place, at, half, level.basis, colour), mark(signOf(column, level), place, at, colour, level.kind === "oxidation"));
      group.lastChild.classList.add(level.kind);
    }
    for (const way of [-1, 1]) {
      const beyond = levels.filter(({ value }) => (way < 0 ? value < high : value > low));
      if (!beyond.length) continue;
      // The worst of them, as the styles run from the worst on.
      const verdict = Object.keys(LOOK.styles).find((item) => beyond.some((level) => level.verdict === item)) ?? "";
      const tip = way < 0 ? top + 2 : end - 2, from = tip - way * ARROW;
      const numbers = beyond.map(({ value }) => signed(shownOn(value), { digits: 1 })).join(", ");
      group.append(line(middle, from, middle, tip, { stroke: styleOf(verdict)[0] }), arrow(middle, tip, way, styleOf(verdict)[0]),
        turned(middle, from - way * 5, numbers, { "font-size": 9.5, "text-anchor": way < 0 ? "end" : "start", fill: LOOK.text[verdict] ?? SOFT }));
    }
    if (column.couple && column.couple_value !== null && seen(column.couple_value) && !hidden.has("couple")) {
      group.append(mark("*", middle, y(column.couple_value), styleOf(column.couple_verdict)[0]));
      group.lastChild.classList.add("couple");
    }
    if (slanted) group.append(text(middle + 4, end + 12, shortened(column.label, 27), { "font-size": 10.5, "text-anchor": "end", transform: `rotate(-40 ${middle + 4} ${end + 12})` }));
    else if (!groups.length) group.append(text(middle, end + 16, shortened(column.label, 34), { "text-anchor": "middle", "font-size": 11.5 }));
    if (tell) for (const kind of ["pointerenter", "focus", "click"]) group.addEventListener(kind, () => tell(index));
    if (open) {
      group.addEventListener("click", () => open(index));
      group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(index); } });
    }
    return group;
  }

  /* A layer of a device: from LUMO to HOMO, or a metal below its work function. */
  function layer(slot, start) {
    const levels = [slot.upper, slot.lower].filter(Boolean), middle = start + SLOT / 2, group = s("g", { class: "layer" });
    const unread = slot.verified ? "" : "; unverified: no source of the number was read";
    const words = levels.map((level) => `${slot.upper ? (level === slot.upper ? "LUMO" : "HOMO") : "work function"} ${potential(level.value, level.sigma)} ${unitOf()}${unread}`);
    group.append(s("title", {}, [slot.name, ...words].join("\n")),
      text(middle, top - 26, shortened(slot.name, 12), { "text-anchor": "middle" }),
      text(middle, top - 12, slot.thickness_nm === null ? "" : `${slot.thickness_nm} nm`, { "text-anchor": "middle", fill: SOFT }));
    if (!levels.length) return group;
    const first = inside(levels[0].drawn), last = slot.upper && slot.lower ? inside(slot.lower.drawn) : Math.min(end, first + 0.05 * bodyHeight);
    group.append(box(start + 3, first, SLOT - 6, last - first, slot.verified ? LOOK.fills[slot.role] : LOOK.pale_fills[slot.role] ?? "#ffffff", { stroke: LOOK.edge, "stroke-dasharray": slot.verified ? "none" : "4 3" }));
    levels.forEach((level, index) => {
      const at = y(level.drawn), upper = index === 0 && Boolean(slot.upper);
      if (!seen(level.drawn)) return;
      if (level.sigma !== null && level.drawn === level.value) group.append(line(start + SLOT - 12, inside(level.value - level.sigma), start + SLOT - 12, inside(level.value + level.sigma)));
      group.append(text(middle - 5, slot.upper ? at + (upper ? 9 : -9) : last + 9, signed(shownOn(level.value)), { "text-anchor": "middle" }));
    });
    return group;
  }
}
