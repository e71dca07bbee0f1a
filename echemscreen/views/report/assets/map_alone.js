/* A page with one map. */

const byId = (id) => document.getElementById(id);

async function start() {
  const map = moleculeMap(byId("map"), { frame: page.frame, marks: await unpackJson("marks") });
  const drawScale = () => { byId("constant").textContent = constantOf(); map.draw(); };
  mapButtons(map, "map");
  for (const choice of document.querySelectorAll("input[name=scale]")) {
    choice.addEventListener("change", () => { scale = scaleOf.get(choice.value); drawScale(); });
  }
  drawScale();
  document.body.dataset.ready = "yes";
}
start();
