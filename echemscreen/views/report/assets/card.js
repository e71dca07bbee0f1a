/* The card of one row: verdict, reason, numbers with uncertainty, diagram, geometry, provenance. */

const SAID = "Colour: what each level says by itself; bars and bands: one standard deviation.";
const card = document.getElementById("card");
let opened = null;

const withUnit = (title, unit) => h("span", {}, title, h("small", {}, unit));
const level = (which) => h("span", {}, h("i", {}, "E"), h("sub", {}, which), h("small", {}, unitOf()));
const verdictWords = (row) => (row.status === "failed" ? "failed" : row.verdict || "not ranked");
const redLevel = (row) => potential(row.red, row.redSigma, row.e_red_bound);
const oxLevel = (row) => potential(row.ox, row.oxSigma, row.e_ox_bound);
const redDrive = (row) => signed(row.driveRed, { bound: row.reduction_drive_bound });
const oxDrive = (row) => signed(row.driveOx, { bound: row.oxidation_drive_bound });
const numbersOf = (row) => [redLevel(row), oxLevel(row), redDrive(row), oxDrive(row)];
const badge = (row) => h("span", { class: `verdict ${verdictWords(row).replace(" ", "-")}` }, verdictWords(row));

/* The edges that a row was judged against: the dot's, unless its ligands' dipoles move them. */
function edgesOf(row) {
  const { cbm, vbm, cbm_sigma, vbm_sigma } = page.drawing;
  const by = (level, drive, sign) => (!page.moved_edges || level === null || drive === null ? null : level + sign * drive);
  return {
    cbm: { value: by(row.red, row.ownDriveRed, -1) ?? by(row.coupleE0, row.couple, -1) ?? cbm, sigma: cbm_sigma },
    vbm: { value: by(row.ox, row.driveOx, 1) ?? vbm, sigma: vbm_sigma },
  };
}

/* A row as a column of a drawing; its place is given by drawingOf. */
function columnOf(row, label = row.name) {
  const levels = [];
  if (row.red !== null) levels.push({ kind: "reduction", value: row.red, sigma: row.redSigma, basis: row.e_red_basis, bound: row.e_red_bound, verdict: row.e_red_verdict });
  if (row.ox !== null) levels.push({ kind: "oxidation", value: row.ox, sigma: row.oxSigma, basis: row.e_ox_basis, bound: row.e_ox_bound, verdict: row.e_ox_verdict });
  const couple = coupleOf(row);
  return { label, name: label, verdict: row.status === "failed" ? "" : row.verdict, role: row.role ?? "", decides: row.decides !== "no", levels,
    couple: couple?.name ?? "", couple_value: couple?.value ?? null, couple_sigma: couple?.sigma ?? null, couple_verdict: couple?.verdict ?? "" };
}

/* Columns beside the dot: the drawing that the page begins with, with its species, couples and moved edges. */
function drawingOf(columns, row) {
  const { first_x, top, bottom, guides } = page.drawing, edges = row ? edgesOf(row) : null;
  const values = Object.fromEntries(["cbm", "vbm"].map((edge) => [edge, edges ? edges[edge].value : page.drawing[edge]]));
  const couples = new Map(columns.filter(({ couple, couple_value: value }) => couple && value > top && value < bottom)
    .map(({ couple, couple_value: value, couple_sigma: sigma }) => [`${couple} ${value}`, { name: couple, value, sigma, kind: "couple" }]));
  return {
    ...page.drawing, ...values, guides: [...guides.map((guide) => ({ ...guide, value: values[guide.name.toLowerCase()] })), ...couples.values()],
    columns: columns.map((column, index) => ({ ...column, x: first_x + index + 0.5 })), last_x: first_x + columns.length,
  };
}

/* The couple that limits a row, with its source if that is the tabulated couple itself. */
function coupleOf(row) {
  if (!row.limiting_couple || row.coupleE0 === null) return null;
  const known = page.couples[row.limiting_couple];
  const same = known && Math.abs(known.value - row.coupleE0) < 0.002;
  return { name: row.limiting_couple, value: row.coupleE0, sigma: row.coupleSigma, verdict: row.couple_verdict, source: same ? known.source : "" };
}

function definition(entries) {
  return h("dl", {}, entries.filter(([, value]) => value !== "" && value !== null && value !== undefined)
    .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function plainTable(caption, head, rows, cls = "") {
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", { class: cls }, h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, i) => (i ? h("td", {}, cell) : h("th", { scope: "row" }, cell))))))));
}

/* Every reaction that the edges were compared with; a drive is positive when the reaction is allowed. */
function drivesTable(row) {
  const { cbm, vbm } = edgesOf(row), lines = [];
  const add = (what, verdict, level, drive, edge) => {
    lines.push([h("span", { class: `mark ${verdict}`, title: verdict }, what), h("strong", {}, drive), level, edge]);
  };
  const couple = coupleOf(row);
  const atCbm = `CBM ${potential(cbm.value, cbm.sigma)}`, atVbm = `VBM ${potential(vbm.value, vbm.sigma)}`;
  if (couple) add(`${coupleWords(couple.name)} takes an electron`, couple.verdict, potential(couple.value, couple.sigma, row.couple_drive_bound),
    signed(row.couple, { sigma: row.coupleDriveSigma, bound: row.couple_drive_bound }), atCbm);
  if (row.red !== null) add("The molecule takes an electron", row.e_red_verdict, redLevel(row),
    signed(row.ownDriveRed, { sigma: row.ownDriveRedSigma, bound: row.e_red_bound }), atCbm);
  if (row.ox !== null) add("The molecule takes a hole", row.e_ox_verdict, oxLevel(row),
    signed(row.driveOx, { sigma: row.driveOxSigma, bound: row.oxidation_drive_bound }), atVbm);
  if (!lines.length) return null;
  return plainTable("Reactions", ["Reaction", withUnit("Drive", "eV"), withUnit("Level", unitOf()), withUnit("Edge", unitOf())], lines, "numbers");
}

function probability(name, value, bound) {
  if (value === null) return h("div", { class: "meter" }, h("span", {}, name), h("strong", {}, "unknown"));
  return h("div", { class: "meter" }, h("span", {}, name), h("strong", {}, chance(value, bound)),
    h("meter", { min: 0, max: 1, low: 0.1, high: 0.75, optimum: 0, value, "aria-label": name }));
}

function figureSection(columns, row, title, width, height) {
  const svg = diagram(drawingOf(columns, row), { width, height, labels: columns.length === 1 });
  const name = `${fileName(row.name)}-alignment-${scale.key}`;
  return h("section", { class: "figure" }, h("h3", {}, title), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, h("div", { class: "drawing" }, svg)),
    h("p", { class: "quiet" }, `${SAID} Arrow: a one-sided bound (≤, ≥), or beyond the axis.`),
    h("div", { class: "line" },
      h("button", { type: "button", onclick: () => saveSvg(svg, name) }, "Figure as SVG"),
      h("button", { type: "button", onclick: () => savePng(svg, name) }, "Figure as PNG")));
}

/* Where an added electron and a hole sit: areas of discs are shares of the unpaired electron. */
function densitySection(row) {
  const place = page.with_density.indexOf(row.index);
  if (place < 0) return null;
  const list = h("div", { class: "densities" });
  itemOf("densities", place).then((items) => list.append(...items.map(({ said, smiles, svg }) =>
    h("figure", {}, h("img", { src: svgAddress(svg), alt: `Structure of ${smiles}: ${said}`, width: 200, height: 130 }), h("figcaption", {}, said[0].toUpperCase() + said.slice(1) + ".")))));
  return h("section", {}, h("h3", {}, "Where the charge goes"), list,
    h("p", { class: "quiet" }, "Shares of the unpaired electron of the ion, at the geometry of the neutral molecule (GFN2-xTB): the area of a disc is the share of its atom."));
}

async function ledgerOf(row) {
  if (!page.has_ledger) return [];
  const ledger = await unpackJson("ledger");
  return ledger.cells.map((cells, index) => Object.assign(recordOf(ledger.columns, cells), { place: ledger.structure[index] }))
    .filter((member) => member.rank === row.rank && member.crosslinker === row.name)
    .map(rowOf);
}

const ledgerFlag = (member) => (member.decides === "yes" ? "decides" : "shown only");

function ledgerSection(members) {
  const lines = members.map((member) => [
    h("span", { class: "member" }, structureImage(member.place, member.smiles, "mini"), h("span", {}, h("b", {}, member.member), h("br"), `${words(member.role)}${member.n_unpaired > 0 ? `, ${member.n_unpaired} unpaired electrons` : ""}`)),
    h("span", {}, badge(member), h("br"), h("small", {}, member.error || ledgerFlag(member))),
    ...numbersOf(member),
    member.yield_fraction ? `${Math.round(100 * Number(member.yield_fraction))} %` : "",
  ]);
  const sources = [...new Set(members.map((member) => member.citation).filter(Boolean))];
  return h("section", {}, h("h3", {}, "Ledger: what light makes of it"),
    plainTable("Ledger", ["Member", "Verdict", level("red"), level("ox"), withUnit("Drive red.", "eV"), withUnit("Drive ox.", "eV"), "Yield"], lines, "numbers ledger"),
    sources.length ? h("details", {}, h("summary", {}, "Sources of the reactions"), h("ul", { class: "sources" }, sources.map((source) => h("li", {}, source)))) : null);
}

/* What a ranking weighs, with units; a blank is unknown. */
const criteriaSection = (all) => h("section", {}, h("h3", {}, "What the rank weighs"),
  definition(page.criteria.map(([key, title]) => [title, all[key] ? words(all[key]) : all[key] === "" && !/failed|unknown/.test(key) ? "unknown" : ""])));

function formsSection(row) {
  const others = rows.filter((other) => other.name === row.name && other.canonical_smiles === row.canonical_smiles);
  if (page.kind === "rank" || others.length < 2) return null;
  const lines = others.map((other) => [
    other === row ? h("b", {}, `${formWords(other)} (this card)`) : h("button", { type: "button", class: "link", onclick: () => openCard(other) }, formWords(other)),
    badge(other), ...numbersOf(other)]);
  return h("section", {}, h("h3", {}, "Forms of this molecule"),
    plainTable("Forms", ["Form", "Verdict", level("red"), level("ox"), withUnit("Drive red.", "eV"), withUnit("Drive ox.", "eV")], lines, "numbers"));
}

async function openCard(row) {
  opened = row;
  const details = await detailsOf(row);
  const ledger = await ledgerOf(row);
  if (opened !== row) return;
  const all = { ...details, ...Object.fromEntries(page.listed.map((name) => [name, row[name]])) };
  const step = (by) => { const next = shown[shown.indexOf(row) + by]; if (next) openCard(next); };
  const place = shown.indexOf(row);
  const flags = row.flags ? row.flags.split(";") : [];
  const levels = columnOf(row).levels.length || coupleOf(row);
  const head = h("header", {},
    h("div", {}, h("p", { class: "kicker" }, [row.rank ? `rank ${row.rank}` : "", row.family && words(row.family), formWords(row)].filter(Boolean).join(" · ")),
      h("h2", { id: "card-title", tabindex: -1 }, row.name),
      h("p", { class: "line" }, badge(row), flags.map((flag) => h("span", { class: "flag" }, words(flag))), row.domain ? h("span", { class: "domain" }, row.domain) : null)),
    h("nav", { "aria-label": "Cards" },
      h("button", { type: "button", disabled: place <= 0, onclick: () => step(-1), "aria-label": "Previous row" }, "‹"),
      h("button", { type: "button", disabled: place < 0 || place >= shown.length - 1, onclick: () => step(1), "aria-label": "Next row" }, "›"),
      h("button", { type: "button", onclick: () => card.close(), "aria-label": "Close the card" }, "×")));
  const reason = row.status === "failed" ? whatFailed(row) : all.reason;
  const sources = coupleOf(row)?.source;
  const body = h("div", { class: "body" },
    h("div", { class: "side" }, structureImage(row.place, row.canonical_smiles || row.smiles, "large"),
      h("p", { class: "smiles" }, row.canonical_smiles || row.smiles), geometrySection(row, row.name)),
    h("div", { class: "main" },
      h("p", { class: "reason" }, (reason || "")),
      reason && scale.key !== "she" && / V vs SHE/.test(reason) ? h("p", { class: "quiet" }, `The sentence is against SHE; what follows is in ${unitOf()}.`) : null,
      row.remedy ? h("p", { class: "remedy" }, h("b", {}, "What to do: "), row.remedy) : null,
      row.pRed !== null || row.pOx !== null
        ? h("div", { class: "meters" }, probability("P(electron drives a reaction)", row.pRed, row.p_reduction_bound), probability("P(hole drives a reaction)", row.pOx, row.p_oxidation_bound)) : null,
      drivesTable(row),
      sources ? h("p", { class: "quiet" }, `Couple: ${sources}.`) : null,
      ledger.length ? figureSection(ledger.map((member) => columnOf(member, member.member)), row, "Ledger beside the dot", 760, 440)
        : levels ? figureSection([columnOf(row)], row, "Alignment", Math.min(620, window.innerWidth - 70), 400) : null,
      ledger.length ? ledgerSection(ledger) : null,
      page.kind === "rank" && row.rank ? criteriaSection(all) : null,
      formsSection(row),
      densitySection(row),
      h("section", {}, h("h3", {}, "How it was computed"),
        definition([["engine", details.engine], ["method", details.method], ["solvent", details.solvent], ["site", details.site_metal],
          ["corrections", (details.corrections || "")], ["dot", details.qd],
          ["versions and settings", "at the foot of the report"]])),
      h("details", {}, h("summary", {}, "Every column of the table"),
        definition(page.columns.map((name) => [name, all[name]])))));
  card.replaceChildren(head, body);
  card.setAttribute("aria-labelledby", "card-title");
  if (!card.open) card.showModal();
  card.scrollTop = 0;
  // What had the focus is gone: the keyboard and a screen reader begin at the title.
  document.getElementById("card-title").focus();
}

card.addEventListener("close", () => { opened = null; card.replaceChildren(); });
card.addEventListener("click", (event) => { if (event.target === card) card.close(); });
card.addEventListener("keydown", (event) => {
  if (!opened || /^(SELECT|INPUT|CANVAS)$/.test(event.target.tagName)) return;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const next = by && shown[shown.indexOf(opened) + by];
  if (next) { event.preventDefault(); openCard(next); }
});
