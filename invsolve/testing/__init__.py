"""The conformance kit: what every plugin can run against itself."""

from invsolve.testing.finding import Finding as Finding
from invsolve.testing.manifests import check_components as check_components
from invsolve.testing.manifests import check_manifest_is_light as check_manifest_is_light
from invsolve.testing.pretend import installed as installed
from invsolve.testing.pretend import manifest_of as manifest_of
from invsolve.testing.pretend import pretend as pretend
