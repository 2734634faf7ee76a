"""Plain data to YAML 1.2 that reads back as it was."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString


def dumped(data: Any) -> str:
    """`data` as YAML: mappings in lines, lists of scalars in one."""
    writer = YAML(typ="rt", pure=True)
    writer.Representer = _Representer
    writer.width = 120
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    writer.dump(_laid_out(data), stream)
    return stream.getvalue()


class _Representer(RoundTripRepresenter):
    """Writes null as `null`, where ruamel writes nothing."""


_Representer.add_representer(type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null"))


def _laid_out(data: Any) -> Any:
    if isinstance(data, dict):
        return CommentedMap((_laid_out(key), _laid_out(value)) for key, value in data.items())
    if isinstance(data, list | tuple):
        laid_out = CommentedSeq(_laid_out(item) for item in data)
        if not any(_is_deep(item) for item in data):
            laid_out.fa.set_flow_style()
        return laid_out
    # unquoted, ruamel lets some control characters pass that it reads back as line breaks
    return DoubleQuotedScalarString(data) if isinstance(data, str) and not data.isprintable() else data


def _is_deep(item: Any) -> bool:
    return isinstance(item, dict) or (isinstance(item, list | tuple) and any(map(_is_deep, item)))
