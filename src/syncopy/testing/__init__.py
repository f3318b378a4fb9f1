"""Laws every method must obey, shipped so that third-party methods can test themselves."""

from syncopy.testing.laws import LAWS

__all__ = ["LAWS"]
