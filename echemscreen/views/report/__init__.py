"""The report: one HTML file of a finished run that opens in any browser without a network.

:mod:`~echemscreen.views.report.content` is what a report shows, :mod:`~echemscreen.views.report.page`
makes the page of it. Rows, structures, geometries and the viewer lie in the file as compressed blocks
of text that no browser runs; the page unpacks each when it is looked at.
"""
