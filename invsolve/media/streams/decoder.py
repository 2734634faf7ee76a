"""`decoder_of`: what decodes a video stream, its transparency included."""

from pathlib import Path
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from invsolve.errors import ReadError
from invsolve.media.opacity import Alpha

# Matroska keeps the opacity of these as a second picture beside each packet, at which FFmpeg's own decoders do not look
_LIBVPX: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def decoder_of(stream: VideoStream, path: Path, alpha: Alpha = "drop") -> VideoCodecContext:
    """The stream's own decoder, or libvpx where the container says that VP8 or VP9 is transparent.

    Raises:
        ReadError: where transparency counts and this build of FFmpeg lacks libvpx.
    """
    own = stream.codec_context
    name = _LIBVPX.get(own.name)
    if name is None or stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) != "1":
        return own
    if name not in av.codec.codecs_available:
        if alpha == "drop":
            return own
        raise ReadError(
            f"{path} is transparent, in a second {own.name.upper()} picture that only libvpx decodes, which this PyAV"
            " lacks. Write `alpha: drop` to take its colours as they are, or convert it to FFV1 or PNG."
        )
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata = own.extradata
    decoder.color_range, decoder.colorspace = own.color_range, own.colorspace
    decoder.color_primaries, decoder.color_trc = own.color_primaries, own.color_trc
    return decoder
