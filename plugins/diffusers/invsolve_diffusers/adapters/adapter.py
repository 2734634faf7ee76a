"""`Adapter`: a file of LoRA weights for the denoiser."""

from pathlib import Path
from typing import final

import attrs

from invsolve.validators import as_path, number


@final
@attrs.frozen(kw_only=True)
class Adapter:
    """LoRA weights in safetensors, merged into the denoiser when it is loaded: ``W + scale (alpha / r) B A``.

    Attributes:
        file: as diffusers and PEFT write it (`save_lora_adapter`, `save_lora_weights`).
        scale: 1 is how it was trained, 0 leaves the checkpoint as it is.

    Examples:
        ```python
        Adapter(file=Path("style.safetensors"), scale=0.8)
        ```

        ```yaml
        adapter: {file: style.safetensors, scale: 0.8}
        ```
    """

    file: Path = attrs.field(converter=as_path)
    scale: float = attrs.field(default=1.0, validator=number())
