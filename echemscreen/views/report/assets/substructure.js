/* Substructures: RDKit's own JavaScript, which is unpacked and started when a pattern is first asked for. */

let rdkitStarted = null;
const readMolecules = new Map();

function startRdkit() {
  rdkitStarted ??= (async () => {
    const script = document.createElement("script");
    script.textContent = await unpack("rdkit");
    document.head.append(script);
    script.remove();
    const bytes = await bytesOf("rdkit-module");
    const library = await window.initRDKitModule({
      instantiateWasm: (imports, ready) => { WebAssembly.instantiate(bytes, imports).then(({ instance }) => ready(instance)); return {}; },
    });
    library.disable_logging();
    return library;
  })();
  return rdkitStarted;
}

/* The rows that hold a pattern, or null if it is no SMARTS; tell(share) hears how far it is, stopped() ends it. */
async function rowsWith(smarts, all, tell, stopped) {
  const library = await startRdkit(), pattern = library.get_qmol(smarts), found = new Set();
  if (!pattern) return null;
  for (let at = 0; at < all.length && !stopped(); at++) {
    const smiles = all[at].canonical_smiles || all[at].smiles;
    if (!readMolecules.has(smiles)) readMolecules.set(smiles, library.get_mol(smiles));
    const molecule = readMolecules.get(smiles);
    if (molecule && molecule.get_substruct_match(pattern) !== "{}") found.add(all[at]);
    // The page answers in between.
    if (at % 100 === 99) { tell(at / all.length); await new Promise((done) => setTimeout(done)); }
  }
  pattern.delete();
  return found;
}
