/* Blocks of data in the page: unpacked once, when they are first asked for. */

const page = JSON.parse(document.getElementById("page").textContent);
const unpacked = new Map();

function unpack(key) {
  if (!unpacked.has(key)) {
    unpacked.set(key, (async () => {
      const bytes = Uint8Array.from(atob(document.getElementById(key).textContent.trim()), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      return new Response(stream).text();
    })());
  }
  return unpacked.get(key);
}

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

const MINUS = "\u2212";
const signed = (value, digits = 2) =>
  value === null ? "" : `${value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", MINUS).replace(/^(?=\d)/, "+")}`;
const SUPERSCRIPTS = { "+": "⁺", "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const coupleWords = (name) => name.replace(/\d*[+-](?=\/|$)/g, (charge) => [...charge].map((c) => SUPERSCRIPTS[c]).join(""));
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
