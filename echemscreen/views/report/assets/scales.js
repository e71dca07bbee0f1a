/* The axis: potentials are kept in V vs SHE and shown on the chosen scale, whose constant is named. */

const scaleOf = new Map(page.scales.map((scale) => [scale.key, scale]));
let scale = scaleOf.get(page.first ?? "she");

/* As echemscreen/scales.py: what must be added to a potential on that scale to have it against SHE. */
const shownOn = (valueShe, on = scale) => (on.key === "vacuum" ? -(valueShe - on.offset) : valueShe - on.offset);

const quantity = (on = scale) => (on.key === "vacuum" ? "Electron energy" : "Potential");
const unitOf = (on = scale) => on.label;
const axisTitle = (on = scale) => {
  const [unit, ...rest] = on.label.split(" ");
  return `${quantity(on)} / ${unit} ${rest.join(" ")}`;
};

function constantOf(on = scale) {
  if (on.key === "she") return "Potentials as calculated, against the standard hydrogen electrode.";
  const constant = `${Math.abs(on.offset).toFixed(2 + (on.sigma < 0.01))} ± ${on.sigma} V`;
  const sentence = on.key === "vacuum"
    ? `E = ${MINUS}(U vs SHE + ${constant})`
    : `U = U vs SHE ${on.offset < 0 ? "+" : MINUS} ${constant}`;
  return `${sentence}. ${on.source.replaceAll("+-", "±")}.`;
}

/* On the scale of energies, which runs the other way, at least a potential is at most an energy. */
const potential = (valueShe, sigma, bound = "") => (valueShe === null ? "" :
  signed(shownOn(valueShe), { sigma, bound: scale.key === "vacuum" ? TURNED[bound] ?? "" : bound }));
