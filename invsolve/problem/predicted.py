"""`check_prediction`: a prediction has the shape of the latent that it is made of."""

from torch import Tensor

from invsolve.parts import Part
from invsolve.prior.prediction import Prediction
from invsolve.returned import check_instance, check_tensor


def check_prediction(part: Part, method: str, found: object, z: Tensor) -> None:
    """Raise `BrokenPlugin` unless what `part` returned from `method` is a prediction in the shape and type of `z`."""
    check_instance(part, method, found, Prediction)
    if isinstance(found, Prediction):
        check_tensor(part, method, found.z0, z.shape, z.dtype, "z0 of ")
        check_tensor(part, method, found.eps, z.shape, z.dtype, "eps of ")
