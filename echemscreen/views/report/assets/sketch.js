/* The small picture of a dot: drawn wherever an element holds its JSON, now and when another is put there. */

const sketches = () => {
  for (const place of document.querySelectorAll("[data-drawing]:empty")) {
    place.append(diagram(JSON.parse(place.dataset.drawing), { width: place.clientWidth || 300, height: 200, legend: false }));
  }
};
new MutationObserver(sketches).observe(document.body, { childList: true, subtree: true });
sketches();
