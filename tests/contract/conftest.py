"""How hypothesis searches here: as long as it takes, since shared machines are slow at times."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("contract", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("contract")
