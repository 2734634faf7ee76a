"""The manifest of what the core itself offers."""

from pathlib import Path

from invsolve.plugin import Component, hookimpl
from invsolve.plugin.component import File

ROWS: tuple[tuple[str, str, str, tuple[File, ...]], ...] = (
    ("run", "run:run", "Solve what a recipe describes.", ("recipe", "run")),
    ("evaluate", "evaluate:evaluate", "Measure a recipe over many clips.", ("recipe",)),
    ("simulate", "simulate:simulate", "Make the observation of a recipe.", ("recipe",)),
    ("calibrate", "calibrate:calibrate", "Are a recipe's samples the posterior's?", ("recipe",)),
    ("inspect", "inspect:inspect", "What a file is taken for.", ("picture", "clip", "array")),
    ("show", "show:show", "Report on runs and evaluations, as text or a page.", ("run",)),
    ("compare", "compare:compare", "Several runs or evaluations in one table.", ()),
    ("cite", "cite:cite", "BibTeX of every part a recipe uses.", ("recipe", "run")),
    ("recipe", "recipe:app", "List, copy, check and compare recipes; their schema.", ()),
    ("plugins", "plugins:app", "List, show, check and start plugins.", ()),
)
COMMANDS = tuple(
    Component("command", name, f"invsolve.cli.{target}", summary, takes=takes) for name, target, summary, takes in ROWS
)

COMPONENTS = (
    *COMMANDS,
    Component("noise", "gaussian", "invsolve.noise.gaussian:GaussianNoise", "White Gaussian noise."),
    Component("noise", "poisson", "invsolve.noise.poisson:PoissonNoise", "Photon noise."),
    Component(
        "noise",
        "poisson_gaussian",
        "invsolve.noise.poisson_gaussian:PoissonGaussianNoise",
        "Photon noise and read noise.",
    ),
    Component("noise", "stacked", "invsolve.noise.stacked:StackedNoise", "Each stacked observation has its own."),
    Component("schedule", "discrete", "invsolve.schedule.discrete:DiscreteSchedule", "A table of noise levels."),
    Component("schedule", "vp", "invsolve.schedule.vp:VPSchedule", "Variance preserving, in continuous time."),
    Component("schedule", "edm", "invsolve.schedule.edm:EDMSchedule", "Variance exploding, spaced as EDM spaces it."),
    Component(
        "schedule", "flow", "invsolve.schedule.rectified_flow:FlowSchedule", "Straight lines between noise and data."
    ),
    Component("reader", "image", "invsolve.media.image:ImageReader", "A picture: PNG, JPEG, TIFF, WebP, ..."),
    Component("reader", "video", "invsolve.media.video:VideoReader", "A video file: mp4, mov, mkv, webm, gif, ..."),
    Component("reader", "frames", "invsolve.media.frames:FramesReader", "A folder of pictures as a clip."),
    Component("reader", "clips", "invsolve.media.clips:ClipsReader", "A random window from folders of clips."),
    Component("reader", "pair", "invsolve.media.pair:PairReader", "Blurred pictures with the sharp ones behind them."),
    Component("reader", "npz", "invsolve.media.npz:NpzReader", "An array of a NumPy archive."),
    Component("reader", "netcdf", "invsolve.media.netcdf:NetCDFReader", "A recording or a solution in NetCDF."),
    Component("reader", "sample", "invsolve.media.sample:SampleReader", "A free picture that comes with scikit-image."),
    Component("reader", "simulate", "invsolve.media.simulate:SimulateReader", "An observation made of a sharp clip."),
    Component("metric", "psnr", "invsolve.metrics.psnr:PSNR", "Peak signal-to-noise ratio, and its gain."),
    Component("metric", "ssim", "invsolve.metrics.ssim:SSIM", "Structural similarity."),
    Component("metric", "reblur", "invsolve.metrics.reblur:Reblur", "Whether the samples explain the observation."),
    Component("metric", "coverage", "invsolve.metrics.coverage:Coverage", "How often intervals hold the truth."),
    Component("metric", "modes", "invsolve.metrics.modes:Modes", "How many different explanations the samples are."),
    Component(
        "metric",
        "best_direction",
        "invsolve.metrics.best_direction:BestDirection",
        "PSNR and SSIM in the better direction of time.",
    ),
    Component(
        "metric",
        "bidirectional",
        "invsolve.metrics.bidirectional:Bidirectional",
        "PSNR and SSIM, the direction of time chosen part by part.",
    ),
    Component(
        "metric",
        "temporal_psnr",
        "invsolve.metrics.temporal_psnr:TemporalPSNR",
        "PSNR of what changes from frame to frame.",
    ),
    Component(
        "metric",
        "calibration",
        "invsolve.metrics.calibration:Calibration",
        "Errors compared with the spread of the samples.",
    ),
    Component(
        "metric",
        "endpoint_error",
        "invsolve.metrics.endpoint_error:EndpointError",
        "How far the optical flow is from that of the truth.",
    ),
    Component(
        "metric", "middle_frame", "invsolve.metrics.middle_frame:MiddleFrame", "PSNR and SSIM of the middle frame."
    ),
    Component(
        "metric", "lpips", "invsolve.metrics.lpips:LPIPS", "How different frames look, by a classifier's features."
    ),
    Component("metric", "frame_parts", "invsolve.metrics.frame_parts:FrameParts", "PSNR of past, present and future."),
    Component("baseline", "files", "invsolve.baselines.files:Files", "What another program made of the same clips."),
    Component("baseline", "repeated", "invsolve.baselines.repeated:Repeated", "The observation itself."),
    Component("baseline", "wiener", "invsolve.baselines.wiener:Wiener", "Deconvolution by the best straight motion."),
    Component(
        "baseline",
        "posterior_mean",
        "invsolve.baselines.posterior_mean:PosteriorMean",
        "The posterior mean under a prior with a closed form.",
    ),
    Component(
        "baseline",
        "true_latents",
        "invsolve.baselines.true_latents:TrueLatents",
        "The truth through the prior's autoencoder: a limit.",
    ),
)


@hookimpl
def invsolve_components() -> tuple[Component, ...]:
    """The components of the core."""
    return COMPONENTS


@hookimpl
def invsolve_recipes() -> Path:
    """The recipes of this distribution: a package beside this one where it is installed, `recipes/` in a checkout."""
    beside = Path(__file__).parents[1]
    installed = beside / "invsolve_recipes"
    return installed if installed.is_dir() else beside / "recipes"
