"""``python -m echemscreen``."""

from echemscreen.cli import main

main()
