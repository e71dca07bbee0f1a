"""Rows of ``results.csv`` as the tests of the views want them."""


def row(name, verdict="inert", red=-1.5, ox=1.6, couple="", status="ok", drive=-0.5, **more):
    return {
        "name": name,
        "status": status,
        "verdict": verdict,
        "e_red_v_she": red,
        "e_red_sigma_v": 0.2,
        "e_ox_v_she": ox,
        "e_ox_sigma_v": None,
        "limiting_couple": couple,
        "reduction_drive_ev": drive,
        "oxidation_drive_ev": None,
        "e_red_verdict": verdict,
        "e_ox_verdict": verdict,
        "couple_verdict": verdict if couple else "",
    } | more
