"""`python -m phiscan`."""

from phiscan.cli import main

main()
