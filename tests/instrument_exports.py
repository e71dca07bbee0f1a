"""One voltammogram as different instruments write it."""

import struct


def number(value, comma):
    text = f"{value:.8E}"
    return text.replace(".", ",") if comma else text


def ec_lab(potentials, currents, rate=0.1, comma=True, header_lines=12):
    head = [
        "EC-Lab ASCII FILE",
        f"Nb header lines : {header_lines}",
        "",
        "Cyclic Voltammetry",
        "",
        "Electrolyte : NaCl (0.2M)",
        "Reference electrode : SCE Saturated Calomel Electrode (0,241 V)",
        "Electrode surface area : 0,001 cm\u00b2",
        f"dE/dt               {1000 * rate:.3f}".replace(".", "," if comma else "."),
        "dE/dt unit          mV/s",
        "",
        "mode\tox/red\ttime/s\tcontrol/V\tEwe/V\t<I>/mA\tcycle number\tI Range",
    ]
    rows = []
    for k, (e, i) in enumerate(zip(potentials, currents, strict=True)):
        cells = [2, 1, number(k * 0.01, comma), number(e, comma), number(e, comma), number(1e3 * i, comma)]
        rows.append("\t".join(map(str, [*cells, number(1.0, comma), 41])))
    return "\r\n".join([*head, *rows, ""]).encode("latin-1")


def gamry(potentials, currents, rate=0.1, comma=False):
    half = len(potentials) // 2
    lines = ["EXPLAIN", "TAG\tCV", f"SCANRATE\tQUANT\t{number(1000 * rate, comma)}\t&Scan Rate (mV/s)"]
    for first, last in ((0, half), (half, len(potentials))):
        lines += [
            f"CURVE{1 + bool(first)}\tTABLE\t{last - first}",
            "\tPt\tT\tVf\tIm\tVu\tOver",
            "\t#\ts\tV vs. Ref.\tA\tV\tbits",
        ]
        lines += [
            f"\t{k}\t{number(0.01 * k, comma)}\t{number(potentials[k], comma)}\t{number(currents[k], comma)}"
            f"\t{number(0.0, comma)}\t..........."
            for k in range(first, last)
        ]
    return "\r\n".join([*lines, ""]).encode()


def ch_instruments(potentials, currents, rate=0.1):
    head = [
        "July 27, 2020   17:16:02",
        "Cyclic Voltammetry",
        "File: c:\\chi\\one.bin",
        "Data Source:  Experiment",
        "Instrument Model:  CHI660E",
        "Header:",
        "Note:",
        "",
        f"Init E (V) = {potentials[0]:g}",
        f"Scan Rate (V/s) = {rate:g}",
        "Segment = 2",
        "",
        "Potential/V, Current/A",
        "",
    ]
    # The American convention: cathodic currents are positive.
    rows = [f"{e:.4f}, {-i:.6e}" for e, i in zip(potentials, currents, strict=True)]
    return "\r\n".join([*head, *rows, ""]).encode()


def nova(potentials, currents, rate=0.1, comma=True):
    head = "Potential applied (V);Time (s);WE(1).Current (A);WE(1).Potential (V);Scan;Index"
    rows = [
        f"{number(e, comma)};{number(k * abs(potentials[1] - potentials[0]) / rate, comma)};"
        f"{number(i, comma)};{number(e, comma)};1;{k + 1}"
        for k, (e, i) in enumerate(zip(potentials, currents, strict=True))
    ]
    return "\n".join([head, *rows, ""]).encode("utf-8-sig")


def palmsens(potentials, currents):
    head = [
        "Date and time:,2024-11-07 14:56:00",
        "Notes:",
        ",,,",
        "Cyclic Voltammetry: CV i vs E Scan 1,,Cyclic Voltammetry: CV i vs E Scan 2,",
        "Date and time measurement:,2024-11-07 14:48:29,Date and time measurement:,2024-11-07 14:48:29,",
        "V,µA,V,µA",
    ]
    rows = [f"{e:.8f},{1e6 * i:.8f},{e:.8f},{1e6 * i:.8f}" for e, i in zip(potentials, currents, strict=True)]
    return "\r\n".join([*head, *rows, ""]).encode("utf-16")


def plain(potentials, currents, reference="Ag/AgCl"):
    rows = [f"{1e3 * e:.5f},{1e6 * i:.8f}" for e, i in zip(potentials, currents, strict=True)]
    return "\n".join([f"E (mV vs {reference}),I (µA)", *rows, ""]).encode()


#: What writes them, the suffix that users see, and how the reader calls them.
EXPORTS = {
    "ec_lab": (ec_lab, ".mpt", "BioLogic EC-Lab"),
    "gamry": (gamry, ".DTA", "Gamry"),
    "ch_instruments": (ch_instruments, ".txt", "CH Instruments CHI660E"),
    "nova": (nova, ".csv", "Metrohm Autolab"),
    "palmsens": (palmsens, ".csv", "PalmSens"),
    "plain": (plain, ".csv", "table of columns"),
}


def mpr(length=4096):
    """The beginning of a BioLogic binary file: a magic line and a module that promises more than follows."""
    magic = b"BIO-LOGIC MODULAR FILE\x1a".ljust(48) + b"\0\0\0\0"
    module = b"MODULE" + b"VMP data  " + b"VMP data".ljust(25) + struct.pack("<II", 10**6, 2) + b"20240101"
    return (magic + module).ljust(length, b"\0")
