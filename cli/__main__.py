"""`python -m cli`: the command line."""

import sys

try:
    from cli.app import main
except ModuleNotFoundError as missing:
    sys.exit(
        f"sw: {missing}. Was Python upgraded, or the lock file? `make .venv/.runtime` installs what is missing."
    )

if __name__ == "__main__":
    main()
