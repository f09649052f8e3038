"""Reading hostile files in processes that can do nothing but read them, under a supervisor that outlives them."""

from phiscan.isolate.confine import active, default_readable
from phiscan.isolate.pool import Job, Pool, Result
from phiscan.isolate.worker import report

__all__ = ["Job", "Pool", "Result", "active", "default_readable", "report"]
