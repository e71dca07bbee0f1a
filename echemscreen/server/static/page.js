// The page works without this file; with it each dot is told while it is written, and there can be several.
"use strict";

const byId = (id) => document.getElementById(id);
const TYPED_MS = 300;

// --- the dots ------------------------------------------------------------------------------------

const dots = byId("dots");

function show(dot) {
  const preset = dot.querySelector("select"), own = dot.querySelector("input");
  dot.querySelector(".own-field").hidden = preset.value !== "";
  return preset.value || own.value;
}

async function tell(dot) {
  const spec = show(dot), number = dot.asked = (dot.asked ?? 0) + 1;
  const answer = await fetch(`${byId("dot").dataset.url}?qd=${encodeURIComponent(spec)}`).catch(() => null);
  // A later question may have been answered first.
  if (answer?.ok && number === dot.asked) dot.querySelector(".told").innerHTML = await answer.text();
}

function renumber() {
  const all = [...dots.children];
  all.forEach((dot, index) => {
    const n = index ? ` ${index + 1}` : "", id = index ? `-${index + 1}` : "";
    const preset = dot.querySelector("select"), own = dot.querySelector("input");
    preset.setAttribute("aria-label", `Dot${n}`);
    preset.id = `preset${id}`;
    own.id = dot.querySelector(".own-field label").htmlFor = `own${id}`;
    dot.querySelector(".own-field label").textContent = `Your own dot${n}`;
    const remove = dot.querySelector(".remove-dot");
    if (remove) { remove.hidden = all.length === 1; remove.querySelector("span").textContent = ` dot ${index + 1}`; }
  });
  if (byId("add-dot")) byId("add-dot").disabled = all.length >= Number(byId("order").dataset.mostDots);
}

if (dots) {
  dots.addEventListener("change", (event) => {
    if (event.target.tagName !== "SELECT") return;
    const dot = event.target.closest(".one-dot");
    tell(dot);
    if (!event.target.value) dot.querySelector("input").focus();
  });
  dots.addEventListener("input", (event) => {
    if (event.target.tagName !== "INPUT") return;
    const dot = event.target.closest(".one-dot");
    clearTimeout(dot.typed);
    dot.typed = setTimeout(() => tell(dot), TYPED_MS);
  });
  dots.addEventListener("click", (event) => {
    const remove = event.target.closest(".remove-dot");
    if (!remove) return;
    remove.closest(".one-dot").remove();
    renumber();
    dots.querySelector("select").focus();
  });
  for (const dot of dots.children) show(dot);
  if (byId("add-dot")) {
    byId("more-dots").hidden = false;
    byId("add-dot").addEventListener("click", () => {
      const dot = dots.lastElementChild.cloneNode(true);
      const used = new Set([...dots.querySelectorAll("select")].map((select) => select.value));
      dots.append(dot);
      const preset = dot.querySelector("select");
      preset.value = [...preset.options].map((option) => option.value).find((name) => name && !used.has(name)) ?? "";
      dot.querySelector("input").value = "";
      dot.querySelector(".told").replaceChildren();
      renumber();
      tell(dot);
      preset.focus();
    });
  }
  renumber();
}

// --- what cannot be sent -------------------------------------------------------------------------

function say(sentence) {
  const problem = byId("problem");
  problem.textContent = sentence;
  problem.hidden = false;
  problem.focus();
}
if (!byId("problem").hidden) byId("problem").focus();
