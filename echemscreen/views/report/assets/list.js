/* The list: rows, search, filters, order and pages. */

const PER_PAGE = 50, IN_OVERVIEW = 25;
const SEVERITY = ["active", "undetermined", "failed", "inert", "not ranked"];
const CHIPS = ["active", "undetermined", "inert", "not ranked", "failed"];
const byId = (id) => document.getElementById(id);
let map = null;
let rows = [], shown = [], pageNumber = 0, order = { key: "", down: false };
const chosen = { text: "", verdict: "", flag: "", family: "", domain: "", form: "", smarts: "", ticked: "" };
/* Rows that hold the substructure asked for; rows that are ticked; ends of columns as the reader sees them. */
let matched = null;
const ticked = new Set(), ranges = new Map();

/* A record of cells with its numbers beside them. */
const rowOf = (record) => Object.assign(record, {
  red: number(record.e_red_v_she), redSigma: number(record.e_red_sigma_v),
  ox: number(record.e_ox_v_she), oxSigma: number(record.e_ox_sigma_v),
  driveRed: number(record.reduction_drive_ev), driveOx: number(record.oxidation_drive_ev),
  pRed: number(record.p_reduction), pOx: number(record.p_oxidation), couple: number(record.couple_drive_ev),
  ownDriveRed: number(record.e_red_drive_ev), ownDriveRedSigma: number(record.e_red_drive_sigma_ev), driveOxSigma: number(record.oxidation_drive_sigma_ev),
  coupleE0: number(record.couple_e0_v_she), coupleSigma: number(record.couple_sigma_v), coupleDriveSigma: number(record.couple_drive_sigma_ev),
});

const recordOf = (columns, cells) => Object.fromEntries(columns.map((name, index) => [name, plain(cells[index])]));
const unlisted = page.columns.filter((name) => !page.listed.includes(name));
const detailsOf = async (row) => recordOf(unlisted, await itemOf("details", row.index));

const FORMS = { as_given: "as given", free: "free", bound_L: "bound as L", bound_X: "bound as X", salt_Z: "salt, Z" };
const formWords = (row) => [FORMS[row.form] ?? row.form ?? "", row.mode && row.mode !== "monodentate" ? row.mode : ""].filter(Boolean).join(", ");
const whatFailed = (row) => (row.remedy && row.error.endsWith(row.remedy) ? row.error.slice(0, -row.remedy.length).trim() : row.error);

/* --- columns -------------------------------------------------------------------------------- */

const nameCell = (row) => [
  h("button", { type: "button", class: "open", onclick: () => openCard(row) }, row.name || row.smiles || "unnamed"),
  h("small", {}, [row.family && words(row.family), formWords(row)].filter(Boolean).join(" · ") || "\u00a0"),
];
const verdictCell = (row) => [badge(row), row.rank === "" && row.status === "ok" ? h("small", {}, row.reason) : null, ...(row.flags ? row.flags.split(";") : []).map((flag) => h("small", { class: "flag" }, words(flag)))];
const driveCell = (value, text) => h("span", { class: value > 0 ? "allowed" : "" }, text);

const tickBox = (which, said, change) => {
  const box = h("input", { type: "checkbox", "aria-label": said, checked: which.length > 0 && which.every((row) => ticked.has(row)), onchange: change });
  box.indeterminate = !box.checked && which.some((row) => ticked.has(row));
  return box;
};
const TICK = { title: "", cells: (row) => tickBox([row], `Tick ${row.name || row.smiles}`, (event) => tick([row], event.target.checked)), tick: true };
const STRUCTURE = { title: "Structure", cells: (row) => structureImage(row.place, row.canonical_smiles || row.smiles, "thumb") };
const NAME = { key: "name", title: "Name", cells: nameCell, value: (row) => row.name.toLowerCase() };
const VERDICT = { key: "verdict", title: "Verdict", cells: verdictCell, value: (row) => SEVERITY.indexOf(verdictWords(row)) };
const P_RED = { key: "pRed", title: "P electron", help: "Probability that an electron of the dot drives a reaction", cells: (row) => chance(row.pRed, row.p_reduction_bound), value: (row) => row.pRed, number: true };
const P_OX = { key: "pOx", title: "P hole", help: "Probability that a hole of the dot drives a reaction", cells: (row) => chance(row.pOx, row.p_oxidation_bound), value: (row) => row.pOx, number: true };
const COLUMNS = page.kind === "screen" ? [
  TICK, STRUCTURE, NAME, VERDICT,
  { key: "red", title: "E", sub: "red", unit: unitOf, cells: (row) => redLevel(row), value: (row) => row.red, number: true, potential: true },
  { key: "ox", title: "E", sub: "ox", unit: unitOf, cells: (row) => oxLevel(row), value: (row) => row.ox, number: true, potential: true },
  { key: "driveRed", title: "Drive red.", unit: () => "eV", help: "Largest drive to reduction; positive is allowed", cells: (row) => driveCell(row.driveRed, redDrive(row)), value: (row) => row.driveRed, number: true },
  P_RED,
  { key: "driveOx", title: "Drive ox.", unit: () => "eV", help: "Drive to oxidation; positive is allowed", cells: (row) => driveCell(row.driveOx, oxDrive(row)), value: (row) => row.driveOx, number: true },
  P_OX,
  { key: "domain", title: "Evidence", cells: (row) => row.domain, value: (row) => row.domain },
] : [
  TICK, { key: "rank", title: "Rank", cells: (row) => (row.rank ? [row.rank, h("small", {}, `${row.rank_low} to ${row.rank_high}`)] : ""), value: (row) => number(row.rank), number: true },
  STRUCTURE, NAME, VERDICT,
  { key: "score", title: "Score", cells: (row) => chance(number(row.score)), value: (row) => number(row.score), number: true },
  { key: "lamp", title: "At lamp", help: "Whether it absorbs at the lamp", cells: (row) => row.absorbs_at_lamp, value: (row) => row.absorbs_at_lamp },
  P_RED, P_OX,
  { key: "worst", title: "Decided by", cells: (row) => (row.worst_member ? [words(row.worst_member_role), h("small", {}, row.worst_member)] : ""), value: (row) => row.worst_member_role },
  { key: "group", title: "Reactive group", cells: (row) => row.reactive_group, value: (row) => row.reactive_group },
];

/* --- filters and order ------------------------------------------------------------------------ */

function matches(row, without = "") {
  const want = (key, found) => key === without || !chosen[key] || found;
  return want("verdict", verdictWords(row) === chosen.verdict)
    && want("flag", (row.flags || "").split(";").includes(chosen.flag))
    && want("family", row.family === chosen.family)
    && want("domain", row.domain === chosen.domain)
    && want("form", row.form === chosen.form)
    && want("smarts", matched === null || matched.has(row))
    && want("ticked", ticked.has(row))
    && want("text", row.searched.includes(chosen.text))
    && (without === "ranges" || inRanges(row));
}

/* Potentials are compared as they are shown, on the axis that is chosen; what is unknown is in no range. */
const seenNumber = (column, row) => { const value = column.value(row); return value === null || !column.potential ? value : shownOn(value); };
function inRanges(row) {
  for (const [column, [least, most]] of ranges) {
    const value = seenNumber(column, row);
    // Without the noise that another axis adds to the last digits.
    if (value === null || (least !== null && value < least - 1e-9) || (most !== null && value > most + 1e-9)) return false;
  }
  return true;
}

function drawRanges() {
  byId("range-fields").replaceChildren(...COLUMNS.filter((column) => column.number).map((column) => {
    const known = rows.map((row) => seenNumber(column, row)).filter((value) => value !== null), ends = ranges.get(column) ?? [null, null];
    const name = [column.title, column.sub].filter(Boolean).join("_");
    const field = (at, said, hint) => h("input", { type: "number", step: "any", value: ends[at] ?? "", placeholder: known.length ? written(hint) : "", "aria-label": `${name}, ${said}`,
      oninput: (event) => {
        const now = [...(ranges.get(column) ?? [null, null])];
        now[at] = event.target.value === "" ? null : Number(event.target.value);
        if (now.every((end) => end === null)) ranges.delete(column);
        else ranges.set(column, now);
        refresh();
      } });
    return h("fieldset", {}, h("legend", {}, column.sub ? [h("i", {}, column.title), h("sub", {}, column.sub)] : column.title, column.unit ? ` / ${column.unit()}` : ""),
      field(0, "at least", known.reduce((a, b) => Math.min(a, b), Infinity)), h("span", {}, "to"), field(1, "at most", known.reduce((a, b) => Math.max(a, b), -Infinity)));
  }));
}

/* The ends of ranges of potentials go with the axis; on that of energies the larger one becomes the smaller. */
function moveRanges(before, after) {
  const moved = (value) => (value === null ? null : Number(shownOn(before.key === "vacuum" ? before.offset - value : value + before.offset, after).toFixed(6)));
  for (const [column, ends] of ranges) {
    if (column.potential) ranges.set(column, (before.key === "vacuum") !== (after.key === "vacuum") ? ends.map(moved).reverse() : ends.map(moved));
  }
}

function tick(which, on) {
  for (const row of which) ticked[on ? "add" : "delete"](row);
  if (chosen.ticked) { refresh(true); return; }
  drawTicks();
  byId("table").querySelector("thead .tick").replaceChildren(headTick());
}
const headTick = () => tickBox(shown, "Tick all rows of the list", (event) => { tick(shown, event.target.checked); if (!chosen.ticked) drawTable(); });
function drawTicks() {
  byId("save-ticked").disabled = ticked.size === 0;
  byId("save-ticked").textContent = ticked.size ? `CSV of ${counted(ticked.size, "ticked row")}` : "CSV of ticked rows";
}

function ordered(found) {
  const column = COLUMNS.find((item) => item.key && item.key === order.key);
  if (!column) return found;
  const sign = order.down ? -1 : 1;
  const blank = (value) => value === null || value === "" || value === undefined;
  // What is unknown stands last, whichever way the order runs.
  return found.map((row) => [column.value(row), row]).sort(([a], [b]) =>
    blank(a) || blank(b) ? blank(a) - blank(b) : sign * (typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
}

function refresh(keepPage = false) {
  shown = ordered(rows.filter((row) => matches(row)));
  if (!keepPage) pageNumber = 0;
  drawTable();
  drawChips();
  drawOverview();
  map?.filter();
  byId("count").textContent = shown.length === rows.length ? counted(rows.length, "row") : `${shown.length} of ${counted(rows.length, "row")}`;
  byId("reset").disabled = Object.values(chosen).every((value) => !value) && ranges.size === 0;
  byId("only-ticked").checked = Boolean(chosen.ticked);
  drawTicks();
  for (const key of ["flag", "family", "domain", "form", "verdict"]) byId(`by-${key}`).value = chosen[key];
}

function countBy(found, values) {
  const counts = new Map();
  for (const row of found) for (const value of values(row)) if (value) counts.set(value, (counts.get(value) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

const VALUES = {
  verdict: (row) => [verdictWords(row)], flag: (row) => (row.flags || "").split(";"),
  family: (row) => [row.family], domain: (row) => [row.domain], form: (row) => [row.form],
};

function fillFilters() {
  for (const [key, values] of Object.entries(VALUES)) {
    const select = byId(`by-${key}`), counts = countBy(rows, values);
    if (key === "family") counts.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    for (const [value, count] of counts) {
      const said = key === "form" ? FORMS[value] ?? value : words(value);
      select.append(h("option", { value }, `${said} (${count})`));
    }
    select.closest("label").hidden = counts.length < 2 && key !== "verdict";
    select.addEventListener("change", () => { chosen[key] = select.value; refresh(); });
  }
}

function chip(key, value, count, cls, share) {
  const on = chosen[key] === value;
  return h("button", { type: "button", class: `chip ${cls}`, "aria-pressed": String(on), onclick: () => { chosen[key] = on ? "" : value; refresh(); }, style: null },
    h("b", {}, String(count)), h("span", {}, words(value)), share === undefined ? null : h("progress", { max: 1, value: share, "aria-hidden": "true" }));
}

function drawChips() {
  const focused = document.activeElement?.closest?.("#counts, #flags") && document.activeElement.textContent.replace(/^\d+/, "");
  const verdicts = rows.filter((row) => matches(row, "verdict"));
  const counts = new Map(countBy(verdicts, VALUES.verdict));
  byId("counts").replaceChildren(...CHIPS.filter((value) => counts.has(value) || rows.some((row) => verdictWords(row) === value))
    .map((value) => chip("verdict", value, counts.get(value) || 0, value.replace(" ", "-"), (counts.get(value) || 0) / Math.max(verdicts.length, 1))));
  const flags = countBy(rows.filter((row) => matches(row, "flag")), VALUES.flag);
  byId("flags").replaceChildren(...flags.map(([value, count]) => chip("flag", value, count, "flag")));
  // The buttons were made anew: the keyboard stays where it was.
  if (focused) [...document.querySelectorAll("#counts button, #flags button")].find((button) => button.textContent.replace(/^\d+/, "") === focused)?.focus();
}

/* --- what is drawn ----------------------------------------------------------------------------- */

function drawTable() {
  const head = COLUMNS.map((column) => {
    const label = [column.sub ? [h("i", {}, column.title), h("sub", {}, column.sub)] : column.title, column.unit ? h("small", {}, column.unit()) : null];
    if (column.tick) return h("td", { class: "tick" }, headTick());
    if (!column.key) return h("th", { scope: "col" }, label.flat());
    const sorted = order.key === column.key ? (order.down ? "descending" : "ascending") : "none";
    return h("th", { scope: "col", "aria-sort": sorted, class: column.number ? "number" : "" },
      h("button", { type: "button", "data-key": column.key, title: column.help, onclick: () => sortBy(column) }, h("span", {}, label.flat())));
  });
  const start = pageNumber * PER_PAGE, part = shown.slice(start, start + PER_PAGE);
  const body = part.map((row) => h("tr", { "data-index": row.index, onclick: (event) => { if (!event.target.closest("button, a, .tick")) openCard(row); } },
    COLUMNS.map((column) => {
      const cells = [column.cells(row)].flat();
      const label = column.unit ? `${column.title}${column.sub ? `_${column.sub}` : ""} / ${column.unit()}` : column.title;
      return column === NAME ? h("th", { scope: "row", class: "name" }, cells)
        : h("td", { class: column.number ? "number" : column === STRUCTURE ? "structure" : column.tick ? "tick" : "", "data-label": label || null }, cells);
    })));
  byId("table").replaceChildren(h("thead", {}, h("tr", {}, head)), h("tbody", {}, body));
  byId("empty").hidden = shown.length > 0;
  const pages = Math.max(1, Math.ceil(shown.length / PER_PAGE));
  byId("pages").hidden = pages < 2;
  byId("page-said").textContent = `Rows ${Math.min(start + 1, shown.length)} to ${start + part.length}, page ${pageNumber + 1} of ${pages}`;
  byId("back").disabled = pageNumber === 0;
  byId("forth").disabled = pageNumber >= pages - 1;
}

function sortBy(column) {
  const same = order.key === column.key;
  // Numbers are wanted largest first, ranks and words the other way; a third time is the file's order.
  const first = Boolean(column.number) && column.key !== "rank";
  order = !same ? { key: column.key, down: first } : order.down === first ? { key: column.key, down: !first } : { key: "", down: false };
  refresh();
  document.querySelector(`#table th button[data-key="${column.key}"]`).focus();
}

function drawOverview() {
  const start = pageNumber * PER_PAGE;
  const found = shown.slice(start, start + PER_PAGE).map((row) => ({ row, column: { ...columnOf(row.precursor ?? row, row.name), verdict: row.verdict, role: "", decides: true } }))
    .filter(({ column }) => column.levels.length || column.couple).slice(0, IN_OVERVIEW);
  const columns = found.map(({ column }) => column);
  byId("overview").hidden = !columns.length;
  if (!columns.length) return;
  const svg = diagram(drawingOf(columns), { width: byId("overview").clientWidth - 40, open: (index) => openCard(found[index].row) });
  byId("overview-drawing").replaceChildren(svg);
  byId("overview-said").textContent = `${columns.length === 1 ? "The row" : `The first ${counted(columns.length, "row")}`} with levels on this page of the list${page.kind === "rank" ? " (precursors)" : ""}. Click a column for its card.`;
}

/* The map of a long screen; a filter leaves the others pale. */
function startMap() {
  if (!page.map) return;
  const ringed = new Set(page.map.by_couple);
  const marks = page.map.rows.map((index) => rows[index]).map((row) => ({
    row, name: row.name, smiles: row.canonical_smiles || row.smiles, place: row.place, verdict: row.verdict, byCouple: ringed.has(row.index),
    red: row.red, redSigma: row.redSigma, redBound: row.e_red_bound, ox: row.ox, oxSigma: row.oxSigma, oxBound: row.e_ox_bound,
  }));
  map = moleculeMap(byId("map"), { frame: page.map.frame, marks }, { open: (mark) => openCard(mark.row), fits: (mark) => matches(mark.row) });
  mapButtons(map, "map");
}

function drawFailures() {
  const failed = rows.filter((row) => row.status === "failed");
  byId("failures-tab").firstElementChild.textContent = String(failed.length);
  byId("no-failures").hidden = failed.length > 0;
  byId("failure-rows").replaceChildren(...failed.map((row) => h("tr", {},
    h("th", { scope: "row" }, h("button", { type: "button", class: "open", onclick: () => openCard(row) }, row.name || "unnamed"), h("code", {}, row.smiles)),
    h("td", { class: "structure" }, structureImage(row.place, row.canonical_smiles || row.smiles, "thumb")),
    h("td", { "data-label": "Reason" }, whatFailed(row)), h("td", { "data-label": "What to do" }, row.remedy || "See the reason."))));
}

function drawFigures() {
  page.figures.forEach((title, index) => unpack(`figure-${index}`).then((svg) => {
    byId("figure-list").append(h("figure", {}, h("figcaption", {}, h("b", {}, title), h("button", { type: "button", onclick: () => save(svg, `${fileName(title)}.svg`, "image/svg+xml") }, "SVG")),
      h("img", { src: svgAddress(svg), alt: `Figure of the run: ${title}` })));
  }));
  byId("figures-tab").hidden = !page.figures.length;
}

/* Keeps the rows that hold a pattern; what is no SMARTS is said, and keeps all of them. */
async function searchPattern(smarts) {
  const said = byId("smarts-said"), stopped = () => chosen.smarts !== smarts;
  chosen.smarts = smarts;
  matched = null;
  if (!smarts) { said.textContent = "Substructure"; refresh(); return; }
  said.textContent = "Substructure: starting RDKit";
  const found = await rowsWith(smarts, rows, (share) => { said.textContent = `Substructure: ${Math.round(100 * share)} %`; }, stopped);
  if (stopped()) return;
  matched = found;
  said.textContent = found === null ? "Substructure: this is no SMARTS" : `Substructure: in ${counted(found.size, "row")}`;
  refresh();
}

function drawScale() {
  byId("constant").textContent = constantOf();
  for (const cell of document.querySelectorAll("[data-volt]")) {
    cell.textContent = `${potential(Number(cell.dataset.volt), cell.dataset.sigma ? Number(cell.dataset.sigma) : null)} ${unitOf()}`;
  }
}

/* --- downloads ------------------------------------------------------------------------------- */

async function saveTable(which, name) {
  const portions = new Map();
  const lines = [];
  const listed = (await unpackJson("rows")).cells;
  for (const row of which) {
    const block = Math.floor(row.index / page.portions.details);
    if (!portions.has(block)) portions.set(block, await unpackJson(`details-${block}`));
    const others = portions.get(block)[row.index % page.portions.details], own = listed[row.index];
    lines.push(page.columns.map((column) => (page.listed.includes(column) ? own[page.listed.indexOf(column)] : others[unlisted.indexOf(column)])));
  }
  save(csvOf(page.columns, lines), name, "text/csv;charset=utf-8");
}

async function saveLedger() {
  const ledger = await unpackJson("ledger");
  save(csvOf(ledger.columns, ledger.cells), "ledger.csv", "text/csv;charset=utf-8");
}

/* --- start ------------------------------------------------------------------------------------ */

function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab) => all.forEach((item) => {
    const on = item === tab;
    item.setAttribute("aria-selected", String(on));
    item.tabIndex = on ? 0 : -1;
    byId(item.getAttribute("aria-controls")).hidden = !on;
  });
  all.forEach((tab) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      const seen = all.filter((item) => !item.hidden);
      const next = seen[(seen.indexOf(tab) + by + seen.length) % seen.length];
      choose(next);
      next.focus();
    });
  });
}

async function start() {
  for (const name of document.querySelectorAll("[data-couple]")) name.textContent = coupleWords(name.textContent);
  const packed = await unpackJson("rows");
  rows = packed.cells.map((cells, index) => {
    const row = rowOf(recordOf(page.listed, cells));
    row.index = index;
    row.place = packed.structure[index];
    row.searched = [row.name, row.smiles, row.canonical_smiles, row.family].join("\n").toLowerCase();
    return row;
  });
  if (page.has_ledger) {
    const ledger = await unpackJson("ledger");
    const precursors = ledger.cells.map((cells) => recordOf(ledger.columns, cells)).filter((member) => member.role === "precursor");
    const found = new Map(precursors.map((member) => [`${member.rank}\n${member.crosslinker}`, rowOf(member)]));
    for (const row of rows) row.precursor = found.get(`${row.rank}\n${row.name}`);
  }
  const table = page.kind === "rank" ? "ranking" : "results";
  fillFilters();
  tabs();
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  drawFailures();
  drawFigures();
  drawScale();
  startMap();
  refresh();
  let waiting = 0;
  byId("search").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { chosen.text = event.target.value.trim().toLowerCase(); refresh(); }, 120);
  });
  byId("smarts")?.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => searchPattern(event.target.value.trim()), 400);
  });
  byId("only-ticked").addEventListener("change", (event) => { chosen.ticked = event.target.checked ? "yes" : ""; refresh(); });
  byId("save-ticked").addEventListener("click", () => saveTable(rows.filter((row) => ticked.has(row)), `${table}-ticked.csv`));
  drawRanges();
  byId("reset").addEventListener("click", () => {
    for (const key of Object.keys(chosen)) chosen[key] = "";
    byId("search").value = "";
    ranges.clear();
    drawRanges();
    if (byId("smarts")) { byId("smarts").value = ""; searchPattern(""); }
    refresh();
  });
  byId("back").addEventListener("click", () => { pageNumber -= 1; refresh(true); byId("list").scrollIntoView(); });
  byId("forth").addEventListener("click", () => { pageNumber += 1; refresh(true); byId("list").scrollIntoView(); });
  byId("save-shown").addEventListener("click", () => saveTable(shown, `${table}-shown.csv`));
  byId("save-all").addEventListener("click", () => saveTable(rows, `${table}.csv`));
  byId("save-ledger")?.addEventListener("click", saveLedger);
  byId("save-overview").addEventListener("click", () => saveSvg(byId("overview-drawing").firstElementChild, `alignment-${scale.key}`));
  byId("save-overview-png").addEventListener("click", () => savePng(byId("overview-drawing").firstElementChild, `alignment-${scale.key}`));
  for (const choice of document.querySelectorAll("input[name=scale]")) {
    choice.addEventListener("change", () => {
      moveRanges(scale, scaleOf.get(choice.value));
      scale = scaleOf.get(choice.value);
      drawScale();
      drawRanges();
      refresh(true);
      if (opened) openCard(opened);
    });
  }
  document.body.dataset.ready = "yes";
}

if (typeof DecompressionStream === "undefined") {
  byId("old-browser").hidden = false;
} else {
  start();
}
