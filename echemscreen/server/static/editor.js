// The page of the editor: JSME calls jsmeOnLoad when it is ready; the page around it asks for drawnSmiles().
"use strict";

let applet = null;

function jsmeOnLoad() {
  applet = new JSApplet.JSME("jsme", "100%", "100%", { options: "newlook" });
  document.documentElement.dataset.ready = "1";
}
const drawnSmiles = () => applet?.smiles() ?? "";
window.drawnSmiles = drawnSmiles;
