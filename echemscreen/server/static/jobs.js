// The list of runs follows them: counts, structures, news for a screen reader, and a notice when one is done.
"use strict";

(() => {
  const LIST_EVERY_MS = 1000, TOLD = "echemscreen-tell-me";
  const list = byId("jobs"), chosen = new Set(), plainTitle = document.title;
  let shown = "", states = statesOf(), lists = 0, next, unseen = 0;

  function statesOf() {
    return new Map([...list.querySelectorAll(".job")].map((job) => [job.id, job.dataset.state]));
  }

  // --- news --------------------------------------------------------------------------------------

  const tellMe = byId("tell-me");
  const wants = () => "Notification" in window && Notification.permission === "granted" && localStorage.getItem(TOLD) === "1";
  function showWish() { tellMe.setAttribute("aria-pressed", String(wants())); }
  if ("Notification" in window) {
    tellMe.hidden = false;
    showWish();
    tellMe.addEventListener("click", async () => {
      const wish = !wants();
      if (wish && Notification.permission !== "granted") await Notification.requestPermission();
      localStorage.setItem(TOLD, wish ? "1" : "0");
      showWish();
      if (wish && !wants()) byId("news").textContent = "This browser shows no notices: allow them for this page.";
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { unseen = 0; document.title = plainTitle; }
  });

  function tell() {
    const now = statesOf();
    const news = [...now].filter(([id, state]) => states.get(id) !== state);
    states = now;
    if (!news.length) return;
    byId("news").textContent = news.map(([id, state]) => `Run ${id.slice(4)}: ${state}.`).join(" ");
    const ended = news.filter(([, state]) => state === "done" || state === "failed");
    if (!ended.length) return;
    if (document.hidden) document.title = `(${unseen += ended.length}) ${plainTitle}`;
    if (wants()) {
      for (const [id, state] of ended) {
        new Notification(`Run ${id.slice(4)} is ${state}`, { body: byId(id).dataset.label, tag: id });
      }
    }
  }

  // --- the list ----------------------------------------------------------------------------------

  function showChosen() {
    for (const box of list.querySelectorAll("[name=run]")) box.checked = chosen.has(box.value);
    const n = list.querySelectorAll("[name=run]:checked").length;
    byId("compare").hidden = n < 2;
    byId("n-chosen").textContent = n;
  }
  list.addEventListener("change", (event) => {
    if (event.target.name !== "run") return;
    if (event.target.checked) chosen.add(event.target.value); else chosen.delete(event.target.value);
    showChosen();
  });

  async function refresh() {
    clearTimeout(next);
    const number = ++lists;
    const answer = await fetch(list.dataset.url).catch(() => null);
    const html = answer?.ok ? await answer.text() : "";
    // A later question has been asked: its answer is the one to show.
    if (number !== lists) return;
    if (answer?.ok && html !== shown) {
      const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
      const open = [...list.querySelectorAll("details[open]")].map((item) => item.id);
      shown = html;
      list.innerHTML = html;
      for (const id of open) if (byId(id)) byId(id).open = true;
      // A button that has gone leaves the focus on what took its place, or on its run.
      const job = `job-${focused.split("-")[1]}`;
      if (focused) (byId(focused) ?? list.querySelector(`#${job} button, #${job} a`) ?? byId(job))?.focus();
      showChosen();
      tell();
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
})();
