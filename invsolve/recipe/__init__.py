"""Recipes: YAML files that name the parts of a problem. Reading and merging them imports no torch.

from invsolve.recipe import load

for recipe in load("recipes/deblur.yaml", overrides=["sampler.steps=50"]):
    print(recipe.label, recipe.hash8)
"""

from invsolve.recipe.diff import Difference as Difference
from invsolve.recipe.diff import differences as differences
from invsolve.recipe.diff import recipe_data as recipe_data
from invsolve.recipe.fault import BadRecipe as BadRecipe
from invsolve.recipe.fault import Fault as Fault
from invsolve.recipe.loading import load as load
from invsolve.recipe.loading import load_one as load_one
from invsolve.recipe.node import Origin as Origin
from invsolve.recipe.recipe import Recipe as Recipe
from invsolve.recipe.schema import schema_of as schema_of
from invsolve.recipe.serialise import to_data as to_data
from invsolve.recipe.structure import from_data as from_data
