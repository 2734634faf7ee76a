"""`invsolve plugins`: what is installed, what it offers, whether it keeps the contract, and a start for a new one."""

from cyclopts import App

app = App("plugins", help="List, show, check and start plugins.")


@app.command(name="list")
def list_(*, json: bool = False, broken: bool = False, times: bool = False) -> None:
    """List."""
    print("hi")
