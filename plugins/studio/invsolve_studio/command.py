"""`invsolve studio`: restore pictures and clips in a browser."""

import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from invsolve.errors import UsageError

if TYPE_CHECKING:
    from invsolve_studio.limits import Limits

SWEPT_SECONDS = 60.0
KEPT_SECONDS = 3600.0
KEPT_BYTES = 4 * 2**30
HOST = "127.0.0.1"

Count = Annotated[int, Parameter(validator=Number(gte=1))]
Flag = Annotated[bool, Parameter(negative="")]


def studio(
    *,
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65535))] = 7860,
    no_browser: Flag = False,
    megabytes: Count = 200,
    megapixels: Count = 50,
    frames: Count = 300,
    minutes: Count = 30,
    memory: Count = 8,
) -> None:
    """Restore pictures and clips in a browser, on this machine: Ctrl-C ends it.

    It answers to this machine alone (127.0.0.1), keeps what visitors bring and make until they leave, and opens no
    connection.

    Args:
        port: Where it answers; 0 takes a free one.
        no_browser: Print the address, and open no browser.
        megabytes: The largest file that it takes.
        megapixels: The largest picture or frame that it takes.
        frames: The longest clip that it takes.
        minutes: The longest that one job may take.
        memory: The most that one job may take, in GiB.
    """
    from importlib.util import find_spec

    from invsolve_studio.limits import Limits

    if find_spec("gradio") is None:
        raise UsageError("the studio's page is made with gradio, which is not installed: `pip install 'gradio>=6,<7'`.")
    limits = Limits(
        file_bytes=megabytes * 2**20,
        pixels=megapixels * 10**6,
        frames=frames,
        seconds=60.0 * minutes,
        memory_bytes=memory * 2**30,
    )
    # whoever stops it by a signal wants its folder gone as well
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    root = Path(tempfile.mkdtemp(prefix="invsolve-studio-"))
    os.environ |= {
        "GRADIO_TEMP_DIR": str(root / "sent"),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
    }
    try:
        _serve(root, limits, port, not no_browser)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _serve(root: Path, limits: "Limits", port: int, browser: bool) -> None:
    from invsolve_studio.page import CSS, page, theme
    from invsolve_studio.shelf import sweep
    from invsolve_studio.workplace import Workplace

    _say("looking at what is installed ...")
    (root / "sent").mkdir()
    place = Workplace.opened(root / "kept", limits)
    stopped = threading.Event()

    def sweeping() -> None:
        while not stopped.wait(SWEPT_SECONDS):
            sweep(root / "sent", KEPT_SECONDS, KEPT_BYTES)

    threading.Thread(target=sweeping, daemon=True).start()
    blocks = page(place)
    blocks.queue(max_size=64)
    try:
        _, address, _ = blocks.launch(
            server_name=HOST,
            server_port=_free(port),
            inbrowser=browser,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            show_error=False,
            ssr_mode=False,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            mcp_server=False,
            pwa=False,
            allowed_paths=[],
            max_file_size=limits.file_bytes,
            state_session_capacity=limits.visitors,
            theme=theme(),
            css_paths=[CSS],
        )
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error}. Choose another one with --port.") from error
    _say(f"invsolve studio is at {address} (Ctrl-C ends it)")
    try:
        threading.Event().wait()
    finally:
        stopped.set()
        blocks.close(verbose=False)


def _free(port: int) -> int | None:
    """The port itself, or a free one for 0."""
    import socket

    if port:
        return port
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
