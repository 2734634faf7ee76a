"""Arrays as data: how components take numbers from lists, tensors and files, and keep them as values."""

from invsolve.arrays.file import SUFFIXES as SUFFIXES
from invsolve.arrays.file import Array as Array
from invsolve.arrays.file import load_array as load_array
from invsolve.arrays.file import read_array as read_array
from invsolve.arrays.plain import Matrix as Matrix
from invsolve.arrays.plain import Nested as Nested
from invsolve.arrays.plain import Vector as Vector
from invsolve.arrays.plain import Video as Video
from invsolve.arrays.plain import array_of as array_of
from invsolve.arrays.plain import as_array as as_array
from invsolve.arrays.plain import matrices_or_file as matrices_or_file
from invsolve.arrays.plain import matrix_or_file as matrix_or_file
from invsolve.arrays.plain import nested as nested
from invsolve.arrays.plain import nested_of as nested_of
from invsolve.arrays.plain import path as path
from invsolve.arrays.plain import shown as shown
from invsolve.arrays.plain import vector as vector
from invsolve.arrays.plain import video_or_file as video_or_file
from invsolve.arrays.plain import videos_or_file as videos_or_file
from invsolve.arrays.plain import whole_numbers as whole_numbers
