"""Every error that a user of `adapt` may meet. Each message says what happened and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from adapt_core.types import Observation


class AdaptError(Exception):
    """Base of all errors that `adapt` raises on purpose; the command line prints the message without a traceback."""


class ConfigError(AdaptError):
    """A YAML file has an unknown key, a wrong type, or names something that does not exist."""


class UnknownTaskError(ConfigError):
    """No such task in the suite."""


class WeightsError(AdaptError):
    """Weights are missing, corrupt, not finite, or belong to another preset."""


class ImageError(AdaptError):
    """An image has another size, type or encoding than the model or world expects."""


class StoreError(AdaptError):
    """The episode store cannot do what was asked: unknown episode, label for nothing, not a store."""


class StorageFullError(StoreError):
    """The disk is full; what was stored before is whole."""


class PlanRejectedError(AdaptError):
    """The guard refused a whole plan or chunk. `code` is one of `adapt_core.safety.Rejection`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        """So that it travels between processes."""
        return type(self), (self.code, str(self))


class MotionStoppedError(AdaptError):
    """Motion ended before the chunk did: stop pressed, lease lapsed, a node died. `code` says which.

    `observations` are those of the actions that were still executed, so that an episode loses none of its frames.
    """

    def __init__(self, code: str, message: str, observations: Sequence[Observation] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.observations = tuple(observations)

    def __reduce__(self) -> tuple[object, ...]:
        """So that it travels between processes."""
        return type(self), (self.code, str(self), self.observations)


class CancelledByUserError(AdaptError):
    """The person or program that asked for this work cancelled it."""


class PeerLostError(AdaptError):
    """A node that this one talks to does not answer or has died."""


class AlreadyRunningError(AdaptError):
    """A graph is already running under this namespace."""


class TrainingError(AdaptError):
    """Training cannot go on (no usable episode, NaN loss); the last good checkpoint is kept."""
