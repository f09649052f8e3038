"""phiscan finds French health data on file shares, links it per person and judges where it lies."""

__version__ = "0.1.0"
