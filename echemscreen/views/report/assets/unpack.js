/* Blocks of data in the page: unpacked once, when they are first asked for. */

const page = JSON.parse(document.getElementById("page").textContent);
const unpacked = new Map();

function inflated(key) {
  const bytes = Uint8Array.from(atob(document.getElementById(key).textContent.trim()), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

function unpack(key) {
  if (!unpacked.has(key)) unpacked.set(key, inflated(key).text());
  return unpacked.get(key);
}

const bytesOf = (key) => inflated(key).arrayBuffer();

async function unpackJson(key) {
  return JSON.parse(await unpack(key));
}

/* An item of blocks key-0, key-1 ... */
async function itemOf(key, index) {
  const size = page.portions[key];
  return (await unpackJson(`${key}-${Math.floor(index / size)}`))[index % size];
}

/* A cell as it was before formulas were guarded for spreadsheets. */
const plain = (cell) => (cell.startsWith("'") ? cell.slice(1) : cell);
const number = (cell) => (cell === "" || cell === undefined ? null : Number.isFinite(Number(cell)) ? Number(cell) : null);

/* An element; children are elements or text, never markup. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/* Numbers, as echemscreen/quantities.py writes them: halves away from zero. */
const MINUS = "\u2212";
const written = (value, digits = 2) => {
  // Without the noise of the last digits; the shortest decimal form tells a half from what is nearly one.
  const shifted = Number(`${Number(Math.abs(value).toFixed(9))}e${digits}`);
  return (Math.sign(value) * Math.round(shifted || 0) / 10 ** digits || 0).toFixed(digits);
};
const SIGNS = { "at most": "≤ ", "at least": "≥ " };
const TURNED = { "at most": "at least", "at least": "at most" };
const signed = (value, { digits = 2, sigma = null, bound = "" } = {}) => {
  if (value === null) return "";
  const spread = sigma === null || sigma === undefined ? "" : ` ± ${written(sigma, digits)}`;
  return `${SIGNS[bound] ?? ""}${written(value, digits).replace("-", MINUS).replace(/^(?=\d)/, "+")}${spread}`;
};
const chance = (value, bound = "") => {
  if (value === null) return "";
  const text = written(value);
  return Number(text) === { "at most": 0, "at least": 1 }[bound] ? text : `${SIGNS[bound] ?? ""}${text}`;
};
const SUPERSCRIPTS = { "+": "⁺", "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const coupleWords = (name) => name.replace(/\d*[+-](?=\/|$)/g, (charge) => [...charge].map((c) => SUPERSCRIPTS[c]).join(""));
const counted = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
const words = (code) => code.replaceAll("_", " ");
const svgAddress = (text) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;

/* A structure drawing that appears when it has been unpacked. */
function structureImage(place, smiles, cls) {
  const image = h("img", { class: cls, alt: smiles ? `Structure of ${smiles}` : "No structure", width: 200, height: 130 });
  itemOf("structures", place).then((svg) => {
    if (svg) image.src = svgAddress(svg);
    else image.replaceWith(h("span", { class: `${cls} none` }, "no drawing"));
  });
  return image;
}
