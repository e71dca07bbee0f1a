"""Every noun of the package: frozen, slotted, keyword-only records.

Units stand in the names: ``_ev`` electronvolt, ``_v_she`` volt against the standard hydrogen
electrode, ``_ang`` angstrom, ``_nm`` nanometre. An uncertainty is one standard deviation;
``None`` means unknown, never zero. Of the package this module imports only how a number is written.
"""
