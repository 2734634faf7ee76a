"""What the web server gives away, asked without a browser: nothing but what was sent to it."""

import gc
import socket
import threading
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from .client import Client
from .conftest import Served


def test_no_file_of_the_server_can_be_fetched(studio: Served) -> None:
    (root,) = (studio.folder / "temporary").glob("invsolve-studio-*")
    kept = root / "kept" / "someone"
    kept.mkdir(parents=True)
    (kept / "secret.txt").write_text("a secret of a visitor")
    for path in ("/etc/passwd", studio.folder / "plans.txt", "plans.txt", kept / "secret.txt", "../plans.txt"):
        for route in ("gradio_api/file=", "file=", "gradio_api/proxy=", "static/", "assets/", "gradio_api/stream/"):
            answer = httpx.get(f"{studio.address}{route}{path}")
            assert answer.status_code >= 400, (route, path)
            assert "secret of" not in answer.text
            assert "root:" not in answer.text


def test_no_one_else_can_reach_it(studio: Served) -> None:
    port = int(studio.address.rstrip("/").rpartition(":")[2])
    others = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
    for address in others:
        with socket.socket() as found, pytest.raises(OSError):
            found.settimeout(1)
            found.connect((address, port))
    refused = httpx.get(f"{studio.address}config", headers={"Origin": "https://example.org"})
    assert refused.headers.get("access-control-allow-origin") != "*"


def test_the_page_names_no_other_place(studio: Served) -> None:
    page = httpx.get(studio.address).text
    for place in ("googleapis", "gstatic", "cdn.", "huggingface.co/front", "api.gradio.app"):
        assert f"https://{place}" not in page.replace("https://fonts", ""), place


def test_an_upload_is_looked_at_and_leaves_the_servers_folder(studio: Served, picture: Path) -> None:
    client = Client(studio.address)
    (path,) = client.send(picture).json()
    assert "holiday.png</b> is a picture of 56 x 40 pixels" in client.drop(path, "holiday.png")
    assert not Path(path).exists()


def test_a_path_that_was_not_uploaded_is_refused(studio: Served) -> None:
    for path in ("/etc/passwd", str(studio.folder / "plans.txt")):
        said = Client(studio.address).drop(path, "passwd")
        assert "secret of" not in said
        assert "root:" not in said
        assert "pixels" not in said


def test_an_address_is_not_fetched(studio: Served) -> None:
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def listen() -> None:
            try:
                server.accept()[0].close()
                asked.set()
            except OSError:
                return

        listener = threading.Thread(target=listen)
        listener.start()
        said = Client(studio.address).drop(f"http://127.0.0.1:{server.getsockname()[1]}/x.png", "x.png")
        listener.join()
    assert not asked.is_set()
    assert "pixels" not in said


def test_what_is_too_large_is_not_even_stored(studio: Served, tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(6 * 2**20))
    assert Client(studio.address).send(tmp_path / "large.png").status_code == 413


def test_a_wrong_file_is_told(studio: Served, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"MZ no picture")
    client = Client(studio.address)
    (path,) = client.send(tmp_path / "x.png").json()
    said = client.drop(path, "x.png")
    assert "none of the formats that the studio takes" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_twenty_uploads_by_two_visitors_leave_memory_where_it_was(studio: Served, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (900, 1200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    visitors = [Client(studio.address), Client(studio.address)]

    def upload(times: int) -> None:
        for _ in range(times):
            for visitor in visitors:
                (path,) = visitor.send(tmp_path / "noise.png").json()
                assert "1200 x 900" in visitor.drop(path, "noise.png")

    upload(3)
    gc.collect()
    before = studio.memory()
    upload(10)
    grown = (studio.memory() - before) / 2**20
    assert grown < 20, f"{before / 2**20:.0f} MiB before, {grown:+.1f} MiB after"
