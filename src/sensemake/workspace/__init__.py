"""Joins adapters to jobs: the one place where both are known. It decides nothing.

Every read takes the Principal who asks; every write takes who does it.
"""

from sensemake.workspace.doctor import Finding
from sensemake.workspace.facade import Workspace
from sensemake.workspace.sources import SourceStatus, Synced
from sensemake.workspace.taking_in import Progress, silent

__all__ = ["Finding", "Progress", "SourceStatus", "Synced", "Workspace", "silent"]
