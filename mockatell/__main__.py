"""`python -m mockatell`."""

from mockatell.cli import main

main()
