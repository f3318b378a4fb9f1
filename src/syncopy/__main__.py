"""`python -m syncopy` is the command line."""

from syncopy.cli import main

main()
