/* Files made in the page. */

function save(content, name, type) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/* A name for a file out of a name of a molecule: letters, digits, dot and dash. */
const fileName = (name) => name.normalize("NFKD").replace(/[^\w.-]+/g, "_").replace(/^[._]+/, "").slice(0, 60) || "molecule";

/* Cells as they stand in the table's file, formulas guarded there: quoted as Python's csv does. */
function csvOf(columns, rows) {
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  // The mark by which spreadsheets know the encoding, as in the files of a run.
  return `\uFEFF${[columns, ...rows].map((row) => row.map(quoted).join(",")).join("\n")}\n`;
}

function saveSvg(svg, name) {
  save(`<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}`, `${name}.svg`, "image/svg+xml");
}

async function savePng(svg, name) {
  const times = 3, image = new Image();
  image.src = svgAddress(new XMLSerializer().serializeToString(svg));
  await image.decode();
  const canvas = h("canvas", { width: times * svg.width.baseVal.value, height: times * svg.height.baseVal.value });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save(blob, `${name}.png`, "image/png"), "image/png");
}
