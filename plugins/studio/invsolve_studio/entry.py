"""`enter`: the first function of a job's process."""

from multiprocessing.connection import Connection

from invsolve_studio.order import Order


def enter(order: Order, connection: Connection) -> None:
    """Import what the work needs, if the process that this one was forked from has not, and begin."""
    from invsolve_studio.child import work

    work(order, connection)
