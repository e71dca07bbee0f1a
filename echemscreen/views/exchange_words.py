"""What a ligand exchange comes to, in lines for a reader: those of the command and of the local page."""

from __future__ import annotations

from typing import Any


def lines_of_exchange(content: dict[str, Any]) -> list[str]:
    """At most eight lines: what happens, by how much, and where the numbers are from."""
    new, native, release, acids = (content[key] for key in ("new", "native", "release", "acids"))
    ion = f"{content['site_metal']}{content['site_charge']}+"
    found = [
        f"{new['name']} in the place of {native['name']} on {ion} ({content['dot']}): {content['outcome']}"
    ]
    if content["free_energy_ev"] is not None:
        kind = "anion for anion" if new["binding"] == "X" else "donor for donor"
        found.append(f"  {kind}  {_energy(content)}")
    if acids:
        what = "acid for acid" if acids["takes"] == "place" else "proton to the donor"
        found.append(f"  {what}  {_energy(acids)}: {acids['outcome']}")
        found += [f"  {source}" for source in acids["sources"]]
    compared = [new, native]
    if release:
        than = "unknown"
        if release["free_energy_ev"] is not None:
            word = "as" if release["outcome"].startswith("as ") else "than"
            than = f"{release['outcome']} {word} {release['reference']['name']}, {_energy(release)}"
        published = f"the reference of the published order: {release['reference_source']}"
        found += [f"  pulls off {release['salt']}  {than} ({published})", f"  {release['consequence']}"]
        # An anion with which nothing is compared needs no constant.
        compared = [new, release["reference"], *([native] if native["binding"] == "L" else [])]
    if content["notes"]:
        found.append(f"  note: {' '.join(content['notes'])}")
    bonds: dict[str, list[str]] = {}
    for item in compared:
        if item["log_k1"] is not None:
            bonds.setdefault(_bond(item, ion), []).append(item["name"])
    return found + [f"  {', '.join(dict.fromkeys(names))}  {bond}" for bond, names in bonds.items()]


def _energy(content: dict[str, Any]) -> str:
    return (
        f"{content['free_energy_ev']:+z.2f} ± {content['sigma_ev']:.2f} eV "
        f"(log K {content['log_k']:+z.1f}), probability of a gain {content['probability']:.2f}"
    )


def _bond(ligand: dict[str, Any], ion: str) -> str:
    kind = ligand["bond_class"].replace("_", " ")
    basis = {
        "cited": "cited of the ligand itself",
        "class": f"mean of its class, {kind}",
        "computed": f"computed of its class, {kind}",
    }[ligand["basis"]]
    return (
        f"log K1 {ligand['log_k1']:.1f} ± {ligand['log_k1_sigma']:.1f} with {ion} "
        f"({basis}): {ligand['source']}"
    )
