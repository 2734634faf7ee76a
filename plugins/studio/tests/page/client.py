"""A visitor without a browser, who can send whatever it likes."""

import json
import uuid
from pathlib import Path
from typing import Any

import attrs
import httpx


@attrs.define
class Client:
    """One page of the studio at `address`."""

    address: str
    name: str = attrs.field(factory=lambda: uuid.uuid4().hex[:11])
    config: Any = None

    def __attrs_post_init__(self) -> None:
        self.config = httpx.get(f"{self.address}config").json()

    def send(self, path: Path, called: str | None = None) -> httpx.Response:
        """Upload a file, as the page does."""
        with path.open("rb") as stream:
            return httpx.post(f"{self.address}gradio_api/upload", files={"files": (called or path.name, stream)})

    def call(self, event: str, element: str, data: list[Any]) -> list[Any]:
        """Fire an event of the element with this id; returns every message of the server."""
        ids = {each["props"].get("elem_id"): each["id"] for each in self.config["components"]}
        (found,) = (
            each["id"] for each in self.config["dependencies"] if [ids[element], event] in map(list, each["targets"])
        )
        body = {"data": data, "fn_index": found, "session_hash": self.name}
        assert httpx.post(f"{self.address}gradio_api/queue/join", json=body).status_code == 200
        messages = []
        address = f"{self.address}gradio_api/queue/data?session_hash={self.name}"
        with httpx.stream("GET", address, timeout=120) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    messages.append(json.loads(line[5:]))
                    if messages[-1]["msg"] in ("process_completed", "close_stream"):
                        break
        return messages

    def drop(self, path: str, called: str) -> str:
        """Say that a file was uploaded to `path`; returns all that the server answered."""
        file = {"path": path, "orig_name": called, "meta": {"_type": "gradio.FileData"}}
        return json.dumps(self.call("upload", "file", [file, "kernel", None, False, None]))
