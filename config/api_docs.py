"""The API's own documentation, served from this installation."""

from typing import Any

from csp.constants import UNSAFE_INLINE
from drf_spectacular.views import SpectacularSwaggerSplitView

# Swagger's viewer sets styles of its own elements; its scripts come from our files only.
POLICY = {"style-src": ["'self'", UNSAFE_INLINE]}


class DocsView(SpectacularSwaggerSplitView):
    """The browsable description of every operation."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The page, under a policy that allows its inline styles and nothing else."""
        response: Any = super().dispatch(request, *args, **kwargs)
        response._csp_update = POLICY
        return response
