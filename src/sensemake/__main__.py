"""`python -m sensemake`: the same as `sensemake`."""

from sensemake.cli import main

if __name__ == "__main__":
    main()
