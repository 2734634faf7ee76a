"""The averaged network of a training's checkpoint as a model file.

    python average.py CHECKPOINT OUT [--start MODEL]

`invsolve train` writes the model file itself when it is done; this is for a look in between.
"""

import sys
from pathlib import Path

from cyclopts import App
from safetensors import safe_open

from invsolve_photographs.model_file import read_network, write_network

app = App()


@app.default
def main(checkpoint: Path, out: Path, *, like: Path) -> None:
    """Write the averaged network of `checkpoint`, of the sizes of the model file `like`, to `out`."""
    model = read_network(like)
    with safe_open(checkpoint, framework="pt") as stored:
        names = [name for name in stored.keys() if name.startswith("average.")]  # noqa: SIM118
        model.network.load_state_dict({name.removeprefix("average."): stored.get_tensor(name) for name in names})
        metadata = stored.metadata()
    facts = {"recipe": metadata["recipe"], "steps": int(metadata["step"])}
    write_network(out, model.network, model.sizes, facts)
    sys.stdout.write(f"{out}: step {facts['steps']}\n")


if __name__ == "__main__":
    app()
