"""`python -m adapt_cli` is `adapt`."""

from adapt_cli.main import app

if __name__ == "__main__":
    app(prog_name="adapt")
