/* Relaxed geometries, drawn by 3Dmol.js: its code is unpacked and started when a card first needs it. */

let viewerCode = null;

function startViewer() {
  viewerCode ??= unpack("viewer").then((code) => {
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script);
    script.remove();
    return window.$3Dmol;
  });
  return viewerCode;
}

function xyzOf(geometry) {
  const symbols = geometry.symbols.split(" ");
  const rows = symbols.map((symbol, i) => [symbol, ...geometry.positions.slice(3 * i, 3 * i + 3).map((x) => (x / 100).toFixed(2))].join(" "));
  return `${symbols.length}\n${geometry.title.replace(/\s+/g, " ")}\n${rows.join("\n")}\n`;
}

/* The section of a card with its geometries, or null. */
function geometrySection(row, name) {
  const place = page.with_geometry.indexOf(row.index);
  if (place < 0) return null;
  const stage = h("div", { class: "stage", role: "img", "aria-label": `Relaxed geometry of ${name}` });
  const choice = h("select", { id: "geometry-choice" });
  const said = h("p", { class: "quiet" }, "Drag to turn, scroll to zoom.");
  const saveButton = h("button", { type: "button" }, "XYZ file");
  const section = h("section", { class: "geometry" }, h("h3", {}, "Relaxed geometry"),
    h("div", { class: "line" }, h("label", { for: "geometry-choice", class: "hidden" }, "Geometry shown"), choice, saveButton), stage, said);
  (async () => {
    const geometries = await itemOf("geometries", place);
    geometries.forEach((geometry, index) => choice.append(h("option", { value: index }, geometry.title)));
    saveButton.addEventListener("click", () => {
      const geometry = geometries[Number(choice.value)];
      save(xyzOf(geometry), `${fileName(name)}-${fileName(geometry.title)}.xyz`, "chemical/x-xyz");
    });
    let viewer = null;
    try {
      const library = await startViewer();
      if (!stage.isConnected) return;
      viewer = library.createViewer(stage, { backgroundColor: "#fbfaf7", antialias: true });
    } catch { viewer = null; }
    if (!viewer) {
      said.textContent = "This browser offers no WebGL, which the view in space needs; the XYZ file opens in any viewer.";
      stage.remove();
      return;
    }
    const show = () => {
      const geometry = geometries[Number(choice.value)];
      viewer.removeAllModels();
      const model = viewer.addModel(xyzOf(geometry), "xyz", { assignBonds: false });
      const atoms = model.selectedAtoms({});
      atoms.forEach((atom, index) => Object.assign(atom, { index, bonds: [], bondOrder: [] }));
      for (let i = 0; i < geometry.bonds.length; i += 2) {
        const [one, other] = geometry.bonds.slice(i, i + 2);
        for (const [from, to] of [[one, other], [other, one]]) { atoms[from].bonds.push(to); atoms[from].bondOrder.push(1); }
      }
      stage.dataset.bonds = geometry.bonds.length / 2;
      viewer.setStyle({}, { stick: { radius: 0.14, colorscheme: "Jmol" }, sphere: { scale: 0.24, colorscheme: "Jmol" } });
      // The model of the site stands back behind the ligand.
      if (geometry.site.length) viewer.setStyle({ index: geometry.site, elem: ["C", "H", "O"] }, { stick: { radius: 0.07, color: "#b9b4aa" } });
      viewer.zoomTo();
      viewer.render();
      stage.dataset.shown = geometry.title;
    };
    choice.addEventListener("change", show);
    show();
  })();
  return section;
}
