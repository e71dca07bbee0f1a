/* The map of many molecules: E_red against E_ox, the edges as lines and bands, one mark a molecule. Axes and edges are
   the SVG of diagram.js; the marks lie on a canvas above it, drawn from pictures of the few signs, so that thousands of
   them move with the pointer. Potentials are kept in V vs SHE; what an electron does not reach stands above. */

const SIDE = 14, MAP = { left: 58, right: 12, top: 10, bottom: 44, most: 64, reach: 9 };
const CORNER_WORDS = [["end", "top", "neither can"], ["end", "bottom", "an electron can reduce it"], ["start", "top", "a hole can oxidise it"], ["start", "bottom", "both can"]];

/* content: frame (x, y: ends of the axes; cbm, vbm and their sigmas; sigma: of a typical mark) and marks, each with
   name, verdict, red, ox, their sigmas and bounds, by_couple; open(mark), tell(mark or null); fits(mark): whether a
   filter keeps it. */
function moleculeMap(host, { frame, marks }, { open = null, tell = null, fits = () => true } = {}) {
  const under = h("div"), over = s("svg", { "aria-hidden": "true", "font-family": FONT }), tip = h("div", { class: "map-tip", hidden: true });
  const counts = counted(marks.length, "molecule");
  const canvas = h("canvas", { tabindex: 0, role: "img", "aria-label": `Map of ${counts}` }), key = h("p", { class: "map-key quiet" });
  host.classList.add("map");
  host.replaceChildren(under, canvas, over, tip);
  host.after(key);
  const between = (value, [a, b]) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), value));
  // An unknown level was not found within reach: it stands at the far end, and so does what lies beyond an axis.
  const places = marks.map((mark) => [between(mark.ox ?? frame.x[1], frame.x), between(mark.red ?? frame.y[1], frame.y)]);
  const severity = Object.keys(LOOK.styles).reverse(), grey = LOOK.grey;
  const order = marks.map((_, index) => index).sort((a, b) => severity.indexOf(marks[a].verdict) - severity.indexOf(marks[b].verdict));
  const whole = [frame.x[1] - frame.x[0], frame.y[1] - frame.y[0]];
  let zoom = 1, centre = [(frame.x[0] + frame.x[1]) / 2, (frame.y[0] + frame.y[1]) / 2], size = [0, 0], waiting = false, pointed = -1, kept = order, image = null;

  const view = () => {
    const half = whole.map((span) => span / zoom / 2);
    centre = [frame.x, frame.y].map((ends, i) => between(centre[i], [ends[0] + half[i], ends[1] - half[i]]));
    return { x: [centre[0] - half[0], centre[0] + half[0]], y: [centre[1] - half[1], centre[1] + half[1]] };
  };
  const body = () => [size[0] - MAP.left - MAP.right, size[1] - MAP.top - MAP.bottom];
  const placed = ({ x, y }) => {
    const [width, height] = body();
    return [(value) => MAP.left + (width * (value - x[0])) / (x[1] - x[0]), (value) => MAP.top + height - (height * (value - y[0])) / (y[1] - y[0])];
  };

  /* Axes, edges and words of a part of the map, as SVG. */
  function axes(seen) {
    const [px, py] = placed(seen), [width, height] = body(), right = MAP.left + width, end = MAP.top + height;
    const inX = (value) => between(px(value), [MAP.left, right]), inY = (value) => between(py(value), [MAP.top, end]);
    const svg = s("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${size[0]} ${size[1]}`, width: size[0], height: size[1], "font-family": FONT, "aria-hidden": "true" });
    svg.append(s("title", {}, `Map of ${counts} with ${page.dot}`), box(0, 0, size[0], size[1], "#ffffff"), box(inX(frame.vbm), MAP.top, right - inX(frame.vbm), inY(frame.cbm) - MAP.top, LOOK.gap),
      box(MAP.left, inY(frame.cbm - frame.cbm_sigma), width, inY(frame.cbm + frame.cbm_sigma) - inY(frame.cbm - frame.cbm_sigma), LOOK.sigma, { opacity: 0.25 }),
      box(inX(frame.vbm - frame.vbm_sigma), MAP.top, inX(frame.vbm + frame.vbm_sigma) - inX(frame.vbm - frame.vbm_sigma), height, LOOK.sigma, { opacity: 0.25 }));
    const dashed = { stroke: LOOK.edge, "stroke-dasharray": "5 3" };
    if (inY(frame.cbm) === py(frame.cbm)) svg.append(line(MAP.left, py(frame.cbm), right, py(frame.cbm), dashed));
    if (inX(frame.vbm) === px(frame.vbm)) svg.append(line(px(frame.vbm), MAP.top, px(frame.vbm), end, dashed));
    // Round numbers of the chosen scale on both axes.
    for (const [ends, pixels, room, draw] of [[seen.x, width, 44, tickX], [seen.y, height, 26, tickY]]) {
      const shown = ends.map((value) => shownOn(value)).sort((a, b) => a - b);
      const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2].find((each) => (pixels * each) / (shown[1] - shown[0]) > room) ?? 5;
      for (let number = Math.ceil(shown[0] / step - 1e-9); number * step <= shown[1] + 1e-9; number += 1) {
        draw(scale.key === "vacuum" ? scale.offset - number * step : number * step + scale.offset, written(number * step, step < 0.1 ? 2 : 1).replace("-", MINUS));
      }
    }
    function tickX(value, said) { svg.append(line(px(value), end, px(value), end + 4, { stroke: LINE }), text(px(value), end + 13, said, { "text-anchor": "middle", fill: SOFT })); }
    function tickY(value, said) { svg.append(line(MAP.left - 4, py(value), MAP.left, py(value), { stroke: LINE }), text(MAP.left - 7, py(value), said, { "text-anchor": "end", fill: SOFT })); }
    const title = (element, symbol) => { element.textContent = ""; element.append(s("tspan", { "font-style": "italic" }, "E"), s("tspan", { dy: 3, "font-size": 9 }, symbol), s("tspan", { dy: -3 }, ` / ${unitOf()}`)); return element; };
    svg.append(title(text(MAP.left + width / 2, end + 32, "", { "text-anchor": "middle", "font-size": 12 }), "ox"),
      title(turned(14, MAP.top + height / 2, "", { "text-anchor": "middle", "font-size": 12 }), "red"), box(MAP.left, MAP.top, width, height, "none", { stroke: LINE }));
    return svg;
  }

  /* What is read above the marks: the names of the edges, and what the corners mean. */
  function words(seen) {
    const [px, py] = placed(seen), [width, height] = body(), right = MAP.left + width, end = MAP.top + height, found = s("g", { "font-size": 10.5, stroke: "#ffffff", "stroke-width": 3, "stroke-opacity": 0.75, "paint-order": "stroke", "stroke-linejoin": "round" });
    const small = { "font-size": 10.5, fill: LOOK.edge }, [x, y] = [px(frame.vbm), py(frame.cbm)];
    const edge = (value, sigma) => potential(value, width > 450 ? sigma : null);
    if (y > MAP.top + 30 && y < end) found.append(text(MAP.left + 5, y - 9, `CBM ${edge(frame.cbm, frame.cbm_sigma)}`, small));
    if (x > MAP.left + 14 && x < right) found.append(turned(x - 9, end - 30, `VBM ${edge(frame.vbm, frame.vbm_sigma)}`, small));
    for (const [anchor, where, said] of CORNER_WORDS) found.append(text(anchor === "end" ? right - 6 : MAP.left + 6, where === "top" ? MAP.top + 12 : end - 12, said, { "text-anchor": anchor, fill: SOFT, "font-size": 10.5 }));
    return found;
  }

  /* Where marks are many for the room that they have, they are smaller, in steps. */
  const markSize = () => { const [width, height] = body(); return Math.max(0.5, Math.min(1, Math.round(Math.sqrt((width * height * zoom * zoom) / marks.length)) / 10)); };

  /* One picture of each sign, drawn once for a size and a screen: its pixels, red to alpha. */
  const isOpen = (mark) => Boolean(mark.redBound || mark.oxBound);
  const signs = [undefined, ...severity].flatMap((verdict) => [false, true].flatMap((open) => [false, true].map((faint) => ({ verdict, open, faint }))));
  const signAt = marks.map((item) => 4 * (severity.indexOf(item.verdict) + 1) + 2 * isOpen(item));
  let pictures = [], drawnFor = 0;
  function picturesFor(ratio) {
    if (drawnFor === ratio) return pictures;
    drawnFor = ratio;
    pictures = signs.map(({ verdict, open, faint }) => {
      const sheet = document.createElement("canvas"), [colour, sign] = styleOf(verdict), side = Math.ceil(SIDE * ratio);
      sheet.width = sheet.height = side;
      const pen = sheet.getContext("2d");
      pen.scale(side / SIDE, side / SIDE);
      pen.translate(SIDE / 2, SIDE / 2);
      pen.globalAlpha = faint ? 0.12 : 1;
      pen.beginPath();
      if (sign === "o") pen.arc(0, 0, 3.7, 0, 2 * Math.PI);
      else CORNERS[sign].forEach(([x, y], i) => pen[i ? "lineTo" : "moveTo"](0.8 * x, 0.8 * y));
      pen.closePath();
      pen.fillStyle = open ? "#ffffff" : colour;
      pen.strokeStyle = open ? colour : "#ffffff";
      pen.lineWidth = open ? 1.4 : 0.6;
      pen.fill();
      pen.stroke();
      // Only the pixels that are painted: column, row, colour.
      const colours = new Uint32Array(pen.getImageData(0, 0, side, side).data.buffer), spots = [...colours.keys()].filter((at) => colours[at] >>> 24);
      return { side, columns: spots.map((at) => at % side), rows: spots.map((at) => Math.floor(at / side)), colours: spots.map((at) => colours[at]) };
    });
    return pictures;
  }

  /* A picture over the pixels that are there: one by one, because thousands of drawImage take longer than a frame. */
  function stamp(pixels, width, height, { side, columns, rows, colours }, x, y) {
    const left = Math.round(x - side / 2), top = Math.round(y - side / 2);
    const inside = left >= 0 && top >= 0 && left + side <= width && top + side <= height;
    for (let spot = 0; spot < colours.length; spot++) {
      const column = left + columns[spot], row = top + rows[spot];
      if (!inside && (column < 0 || column >= width || row < 0 || row >= height)) continue;
      const at = row * width + column, over = colours[spot], alpha = over >>> 24, under = pixels[at];
      if (alpha === 255 || under === 0) { pixels[at] = over; continue; }
      const below = ((under >>> 24) * (255 - alpha)) / 255, sum = alpha + below;
      const red = ((over & 255) * alpha + (under & 255) * below) / sum, green = (((over >>> 8) & 255) * alpha + ((under >>> 8) & 255) * below) / sum;
      const blue = (((over >>> 16) & 255) * alpha + ((under >>> 16) & 255) * below) / sum;
      pixels[at] = ((Math.round(sum) << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
    }
  }

  const ends = (seen) => ({ x: [Math.min(...seen.x) - 1e-9, Math.max(...seen.x) + 1e-9], y: [Math.min(...seen.y) - 1e-9, Math.max(...seen.y) + 1e-9] });
  const isSeen = (at, { x, y }) => places[at][0] >= x[0] && places[at][0] <= x[1] && places[at][1] >= y[0] && places[at][1] <= y[1];

  function draw() {
    waiting = false;
    if (!size[0]) return;
    const ratio = window.devicePixelRatio || 1, seen = view(), [px, py] = placed(seen), limits = ends(seen);
    under.replaceChildren(axes(seen));
    over.replaceChildren(words(seen));
    over.setAttribute("width", size[0]);
    over.setAttribute("height", size[1]);
    if (canvas.width !== Math.round(size[0] * ratio) || canvas.height !== Math.round(size[1] * ratio)) {
      canvas.width = Math.round(size[0] * ratio);
      canvas.height = Math.round(size[1] * ratio);
      canvas.style.width = `${size[0]}px`;
      canvas.style.height = `${size[1]}px`;
    }
    // Kept in memory: its pixels are written at each move.
    const pen = canvas.getContext("2d", { willReadFrequently: true }), rings = [];
    if (image?.width !== canvas.width || image?.height !== canvas.height) image = pen.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(0);
    let drawn = 0;
    const drawnSigns = picturesFor(ratio * markSize()), [x0, perX, y0, perY] = [px(0), px(1) - px(0), py(0), py(1) - py(0)];
    for (const faint of [true, false]) {
      for (const at of order) {
        if (fitting[at] === faint || !isSeen(at, limits)) continue;
        const x = x0 + perX * places[at][0], y = y0 + perY * places[at][1];
        if (marks[at].byCouple && !faint) rings.push([x, y]);
        stamp(pixels, canvas.width, canvas.height, drawnSigns[signAt[at] + faint], x * ratio, y * ratio);
        drawn += faint ? 0 : 1;
      }
    }
    pen.putImageData(image, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.lineWidth = 1;
    pen.strokeStyle = LOOK.edge;
    pen.beginPath();
    for (const [x, y] of rings) { pen.moveTo(x + 7.5, y); pen.arc(x, y, 7.5, 0, 2 * Math.PI); }
    pen.stroke();
    if (pointed >= 0 && isSeen(pointed, limits)) {
      pen.beginPath();
      pen.lineWidth = 2;
      pen.strokeStyle = LOOK.ink;
      pen.arc(px(places[pointed][0]), py(places[pointed][1]), 9, 0, 2 * Math.PI);
      pen.stroke();
    }
    canvas.style.touchAction = zoom > 1 ? "none" : "pan-y";
    canvas.setAttribute("aria-label", `Map of ${counts}, ${drawn} in view. Arrows move it, plus and minus magnify, N and P go from molecule to molecule.`);
    host.dataset.view = [...seen.x, ...seen.y].map((value) => value.toFixed(4)).join(" ");
    host.dataset.drawn = drawn;
  }
  const schedule = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };
  let fitting = marks.map(() => true);

  function nearest(x, y) {
    const seen = view(), [px, py] = placed(seen), limits = ends(seen);
    let found = -1, least = MAP.reach ** 2;
    // The last drawn lies on top.
    for (const at of kept) {
      if (!isSeen(at, limits)) continue;
      const away = (px(places[at][0]) - x) ** 2 + (py(places[at][1]) - y) ** 2;
      if (away <= least) { least = away; found = at; }
    }
    return found;
  }

  function point(at) {
    if (at === pointed) return;
    pointed = at;
    canvas.style.cursor = at >= 0 && open ? "pointer" : zoom > 1 ? "grab" : "default";
    tip.hidden = at < 0;
    if (at >= 0) {
      const mark = marks[at], [px, py] = placed(view());
      tip.replaceChildren(structureImage(mark.place, mark.smiles, "thumb"), h("b", {}, mark.name || mark.smiles),
        h("span", { class: `verdict ${mark.verdict}` }, mark.verdict || "not judged"), ...[["red", mark.red, mark.redSigma, mark.redBound], ["ox", mark.ox, mark.oxSigma, mark.oxBound]]
          .map(([symbol, value, sigma, bound]) => h("span", {}, h("i", {}, "E"), h("sub", {}, symbol), value === null ? " unknown" : ` ${potential(value, sigma, bound)} ${unitOf()}`)),
        mark.byCouple ? h("span", {}, "by its metal couple") : "");
      const x = px(places[at][0]), y = py(places[at][1]);
      tip.style.left = `${x > size[0] / 2 ? Math.max(4, x - 14 - tip.offsetWidth) : Math.min(x + 14, size[0] - tip.offsetWidth - 4)}px`;
      tip.style.top = `${Math.max(4, Math.min(y - 40, size[1] - tip.offsetHeight - 4))}px`;
    }
    tell?.(at < 0 ? null : marks[at]);
    schedule();
  }

  /* By a factor about a point of the map, in pixels. */
  function magnify(by, at = [MAP.left + body()[0] / 2, MAP.top + body()[1] / 2]) {
    const seen = view(), [width, height] = body();
    const share = [(at[0] - MAP.left) / width, (MAP.top + height - at[1]) / height];
    const fixed = [seen.x[0] + share[0] * (seen.x[1] - seen.x[0]), seen.y[0] + share[1] * (seen.y[1] - seen.y[0])];
    zoom = Math.max(1, Math.min(MAP.most, zoom * by));
    centre = fixed.map((value, i) => value - (share[i] - 0.5) * (whole[i] / zoom));
    point(-1);
    schedule();
  }
  function move(dx, dy) {
    const [width, height] = body();
    centre = [centre[0] - (dx * whole[0]) / zoom / width, centre[1] + (dy * whole[1]) / zoom / height];
    schedule();
  }
  function step(by) {
    const limits = ends(view()), seen = kept.filter((at) => isSeen(at, limits)).sort((a, b) => places[a][0] - places[b][0] || a - b);
    if (seen.length) point(seen[(Math.max(seen.indexOf(pointed), by > 0 ? -1 : 0) + by + seen.length) % seen.length]);
  }

  // One finger or the mouse moves it, two fingers or the wheel with Ctrl magnify it; a press that did not move opens.
  const held = new Map();
  let travelled = 0;
  const at = (event) => { const around = canvas.getBoundingClientRect(); return [event.clientX - around.left, event.clientY - around.top]; };
  canvas.addEventListener("wheel", (event) => { if (event.ctrlKey) { event.preventDefault(); magnify(Math.exp(-event.deltaY / 300), at(event)); } }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => { held.set(event.pointerId, at(event)); travelled = 0; canvas.setPointerCapture(event.pointerId); });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => held.delete(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event), before = held.get(event.pointerId);
    if (!before) { point(nearest(...now)); return; }
    held.set(event.pointerId, now);
    travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (held.size === 1) { if (travelled > 4) { point(-1); move(now[0] - before[0], now[1] - before[1]); } return; }
    const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    magnify(Math.hypot(now[0] - other[0], now[1] - other[1]) / (Math.hypot(before[0] - other[0], before[1] - other[1]) || 1), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
  });
  canvas.addEventListener("pointerleave", () => { if (!held.size) point(-1); });
  canvas.addEventListener("click", (event) => {
    if (travelled > 4) return;
    const found = nearest(...at(event));
    // A finger has no hover: its first touch shows, its second opens.
    if (found >= 0 && (event.pointerType === "mouse" || found === pointed)) open?.(marks[found]);
    else point(found);
  });
  canvas.addEventListener("keydown", (event) => {
    const acts = { ArrowLeft: () => move(40, 0), ArrowRight: () => move(-40, 0), ArrowUp: () => move(0, 40), ArrowDown: () => move(0, -40), "+": () => magnify(1.5), "-": () => magnify(1 / 1.5),
      n: () => step(1), p: () => step(-1), Escape: () => point(-1), Enter: () => { if (pointed >= 0) open?.(marks[pointed]); } }[event.key];
    if (!acts || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts();
  });
  // Asked here only: within a frame it would lay the page out twice.
  new ResizeObserver(([{ contentRect: { width } }]) => { size = [Math.floor(width), Math.round(Math.max(320, Math.min(600, 0.62 * width)))]; schedule(); }).observe(host);

  const verdicts = Object.keys(LOOK.styles).filter((verdict) => marks.some((mark) => mark.verdict === verdict));
  const items = [...verdicts.map((verdict) => [(x, y) => mark(LOOK.styles[verdict][1], x, y, LOOK.styles[verdict][0]), `${verdict}, ${marks.filter((item) => item.verdict === verdict).length}`]),
    ...(marks.some(isOpen) ? [[(x, y) => mark("o", x, y, grey, true), "one-sided bound"]] : []),
    ...(marks.some((item) => item.byCouple) ? [[(x, y) => s("circle", { cx: x, cy: y, r: 7, fill: "none", stroke: LOOK.edge }), "by its metal couple"]] : []),
    [(x, y) => box(x - 7, y - 5, 14, 10, LOOK.sigma, { opacity: 0.35 }), "edges ± one sd"]];
  key.append(...items.map(([sign, said]) => h("span", {}, s("svg", { width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" }, sign(9, 9)), said)));

  /* The part that is shown as one SVG, with its key. */
  function svg() {
    const seen = view(), [px, py] = placed(seen), limits = ends(seen), { rows, height } = legendRows(items, size[0]);
    const made = axes(seen);
    for (const index of kept.filter((each) => isSeen(each, limits))) {
      const { verdict, byCouple } = marks[index], [colour, sign] = styleOf(verdict), [x, y] = [px(places[index][0]), py(places[index][1])];
      if (byCouple) made.append(s("circle", { cx: x, cy: y, r: 7.5, fill: "none", stroke: LOOK.edge }));
      made.append(mark(sign, x, y, colour, isOpen(marks[index])));
    }
    made.append(words(seen), s("g", { transform: `translate(0 ${size[1]})` }, ...legendParts(rows, 10)));
    made.setAttribute("viewBox", `0 0 ${size[0]} ${size[1] + height}`);
    made.setAttribute("height", size[1] + height);
    made.insertBefore(box(0, 0, size[0], size[1] + height, "#ffffff"), made.firstChild);
    made.removeAttribute("aria-hidden");
    return made;
  }

  function filter() {
    fitting = marks.map((item) => fits(item));
    kept = order.filter((index) => fitting[index]);
    if (pointed >= 0 && !fitting[pointed]) point(-1);
    schedule();
  }
  filter();
  return { draw: schedule, filter, svg, magnify, whole: () => { zoom = 1; schedule(); } };
}

/* The buttons below a map. */
function mapButtons(map, name) {
  const acts = { closer: () => map.magnify(1.5), wider: () => map.magnify(1 / 1.5), whole: map.whole, svg: () => saveSvg(map.svg(), `${name}-${scale.key}`), png: () => savePng(map.svg(), `${name}-${scale.key}`) };
  for (const [key, act] of Object.entries(acts)) document.getElementById(`map-${key}`).addEventListener("click", act);
}
