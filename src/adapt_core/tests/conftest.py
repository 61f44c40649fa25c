"""Settings of all tests of this package."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("loaded machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loaded machine")
