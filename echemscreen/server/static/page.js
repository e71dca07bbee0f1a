// The page works without this file; with it the list follows the screens and the dot is checked live.
"use strict";

const byId = (id) => document.getElementById(id);
const LIST_EVERY_MS = 1000, TYPED_MS = 300;

// --- the dot -------------------------------------------------------------------------------------

const preset = byId("preset"), own = byId("own"), dot = byId("dot");
let asked = 0, typed;

async function showDot() {
  byId("own-field").hidden = preset.value !== "";
  const number = ++asked;
  const answer = await fetch(`${dot.dataset.url}?qd=${encodeURIComponent(preset.value || own.value)}`).catch(() => null);
  // A later question may have been answered first.
  if (answer?.ok && number === asked) dot.innerHTML = await answer.text();
}
preset.addEventListener("change", () => { showDot(); if (!preset.value) own.focus(); });
own.addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(showDot, TYPED_MS); });
byId("own-field").hidden = preset.value !== "";

// --- the list of molecules -----------------------------------------------------------------------

const form = byId("order"), file = byId("file"), text = byId("molecules"), drop = byId("drop");

function showFile() {
  byId("no-file").hidden = !file.files.length;
  text.disabled = file.files.length > 0;
}
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

function say(sentence) {
  const problem = byId("problem");
  problem.textContent = sentence;
  problem.hidden = false;
  problem.focus();
}
form.addEventListener("submit", (event) => {
  const size = file.files.length ? file.files[0].size : new Blob([text.value]).size;
  if (size > Number(form.dataset.maxBytes)) {
    event.preventDefault();
    say(form.dataset.tooLarge);
  }
});
if (!byId("problem").hidden) byId("problem").focus();

// --- the screens ---------------------------------------------------------------------------------

const list = byId("jobs");
let shown = "", states = statesOf(), lists = 0, next;

function statesOf() {
  return new Map([...list.querySelectorAll(".job")].map((job) => [job.id, job.dataset.state]));
}

function tell() {
  const now = statesOf();
  const news = [...now].filter(([id, state]) => states.get(id) !== state)
    .map(([id, state]) => `Screen ${id.slice(4)}: ${state}.`);
  if (news.length) byId("news").textContent = news.join(" ");
  states = now;
}

async function refresh() {
  clearTimeout(next);
  const number = ++lists;
  const answer = await fetch(list.dataset.url).catch(() => null);
  const html = answer?.ok ? await answer.text() : "";
  // A later question has been asked: its answer is the one to show.
  if (number !== lists) return;
  if (answer?.ok) {
    if (html !== shown) {
      const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
      shown = html;
      list.innerHTML = html;
      // A button that has gone leaves the focus on what took its place, or on its screen.
      const job = `job-${focused.split("-")[1]}`;
      if (focused) (byId(focused) ?? list.querySelector(`#${job} button, #${job} a`) ?? byId(job))?.focus();
      tell();
    }
  }
  list.classList.toggle("lost", !answer?.ok);
  if (!answer?.ok || list.querySelector('[data-open="1"]')) next = setTimeout(refresh, LIST_EVERY_MS);
}

list.addEventListener("submit", async (event) => {
  event.preventDefault();
  // Once; a disabled button would lose the focus.
  if (event.target.dataset.sent) return;
  event.target.dataset.sent = "1";
  const answer = await fetch(event.target.action, { method: "POST", redirect: "manual" }).catch(() => null);
  if (!answer) delete event.target.dataset.sent;
  // A refusal is the whole page with its sentence: let the browser show it.
  if (answer && answer.status >= 400) event.target.submit();
  else refresh();
});
refresh();
