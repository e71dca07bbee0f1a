"""Workflows: steps of a YAML file, checked before anything is computed, then run one after the other.

::

    title: what comes out
    out: results/mine                # below the current folder; results/FILE by default
    defaults: {solvent: toluene}     # of every step that computes
    steps:                           # one thing each, in this order; a name is the thing unless given
      - name: candidates
        build: {what: crosslinkers, mass: -500, sample: 50}
      - name: screened
        screen: {input: step:candidates, qd: pu2020-red, level: fast}
      - name: ranked
        rank: {input: step:screened, keep: [inert, undetermined], qd: pu2020-red, lamp_nm: 365}
      - diagram: {of: screened, stack: pu2020}
      - table: {of: screened, columns: [name, verdict]}
      - report: {of: screened}
      - sweep: {sizes: CdSe:2-6/CdS:0-4, ligand: O=C(c1ccccc1)c1ccccc1}
      - dots: {specs: [CdSe, pu2020-red], couples: [Cd2+/Cd]}
    publish:                         # copied with --publish DIR, below it
      figures/mine.svg: screened/alignment.svg

``screen``, ``rank`` and ``sweep`` take the options of their campaigns. ``input`` is a file (relative to
the YAML file), ``library:NAME``, ``step:NAME``, or a list of these; ``only`` picks names, and ``keep``
verdicts of an earlier screen. A step called NAME writes the folder ``NAME`` (screen, rank) or files
``NAME.*`` below the output folder, and nothing else; ``calculations.db`` there serves all steps.
"""
