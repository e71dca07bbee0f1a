"""The one door: a run described, validated and run.

The command line, a YAML file, the local page and Python all make a campaign and run it. What every
campaign has stands in :mod:`~echemscreen.campaign.base`; each kind of run has a module of its own, and
there too stands its public function (``es.screen``, ``es.rank``, ``es.sweep``, ``es.draw``).
"""
