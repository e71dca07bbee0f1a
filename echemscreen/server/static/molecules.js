// The list of molecules: files that are dropped, structures that are drawn, entries of the library.
"use strict";

(() => {
  const form = byId("order"), file = byId("file"), text = byId("molecules"), drop = byId("drop");
  const isList = form.dataset.list === "1";

  // --- a file ------------------------------------------------------------------------------------

  function showFile() {
    byId("no-file").hidden = !file.files.length;
    // Read only, not disabled: a field that is disabled is not sent, and would not come back.
    text.readOnly = file.files.length > 0;
    text.classList.toggle("unused", text.readOnly);
  }
  if (file) {
    file.addEventListener("change", showFile);
    byId("no-file").addEventListener("click", () => { file.value = ""; showFile(); text.focus(); });
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
    }
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) { file.files = event.dataTransfer.files; showFile(); }
    });
    showFile();
  }
  form.addEventListener("submit", (event) => {
    const size = file?.files.length ? file.files[0].size : new Blob([text.value]).size;
    if (size > Number(form.dataset.maxBytes)) {
      event.preventDefault();
      say(form.dataset.tooLarge);
    }
  });

  // --- one more molecule -------------------------------------------------------------------------

  function add(smiles, name) {
    if (file?.files.length) { file.value = ""; showFile(); }
    const line = `${smiles} ${name.replace(/\s+/g, " ").trim()}`.trim();
    text.value = isList && text.value.trim() ? `${text.value.trimEnd()}\n${line}` : line;
    text.dispatchEvent(new Event("input"));
  }

  // What the last lines look like: a mistake in a SMILES is seen before it costs time.
  const LINES = 6, LONGEST = 600, TYPED_MS = 400;
  const drawn = byId("drawn");
  let typed, drawings = 0;
  async function drawLines() {
    const lines = text.value.split("\n").map((line) => line.trim()).filter((line) => line && line.length < LONGEST).slice(-LINES);
    const number = ++drawings, query = new URLSearchParams(lines.map((line) => ["line", line]));
    const answer = await fetch(`${drawn.dataset.url}?${query}`).catch(() => null);
    if (answer?.ok && number === drawings) drawn.innerHTML = await answer.text();
  }

  // --- drawing -----------------------------------------------------------------------------------

  const editor = byId("editor"), place = editor.querySelector(".frame");
  byId("tools").hidden = false;
  byId("draw").addEventListener("click", () => {
    if (!place.firstChild) {
      const frame = document.createElement("iframe");
      frame.title = "Editor of structures";
      frame.src = place.dataset.url;
      place.append(frame);
    }
    byId("drawing-problem").textContent = "";
    editor.showModal();
  });
  byId("use-drawing").addEventListener("click", () => {
    const smiles = place.firstChild?.contentWindow.drawnSmiles?.() ?? "";
    if (!smiles) {
      byId("drawing-problem").textContent = "Nothing is drawn yet.";
      return;
    }
    add(smiles, byId("drawn-name").value || "drawn");
    byId("drawn-name").value = "";
    editor.close();
    text.focus();
  });

  // --- the library -------------------------------------------------------------------------------

  const library = byId("library"), content = byId("library-content");
  let asked = 0;
  async function ask(query) {
    const number = ++asked;
    const answer = await fetch(`${library.dataset.url}?part=1&${query}`).catch(() => null);
    if (!answer?.ok || number !== asked) return;
    const html = await answer.text();
    const found = document.createElement("div");
    found.innerHTML = html;
    const list = content.querySelector("#found");
    if (list) list.replaceWith(found.querySelector("#found"));
    else content.replaceChildren(...found.childNodes);
    byId("library-said").textContent = `${content.querySelectorAll(".add").length} entries.`;
  }
  const query = () => new URLSearchParams({ q: byId("library-text")?.value ?? "", family: byId("library-family")?.value ?? "" });
  byId("pick").addEventListener("click", async () => {
    library.showModal();
    if (!content.firstChild) await ask(query());
    byId("library-text")?.focus();
  });
  content.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => ask(query()), TYPED_MS);
  });
  content.addEventListener("submit", (event) => {
    if (!event.target.matches(".search")) return;
    event.preventDefault();
    ask(query());
  });
  content.addEventListener("click", (event) => {
    const button = event.target.closest(".add");
    if (!button) return;
    add(button.dataset.smiles, button.dataset.name);
    byId("library-said").textContent = `${button.dataset.name} added.`;
    button.classList.add("added");
    if (!isList) { library.close(); text.focus(); }
  });

  let later;
  text.addEventListener("input", () => { clearTimeout(later); later = setTimeout(drawLines, TYPED_MS); });
  if (text.value.trim()) drawLines();
})();
