"""List the rules: a rule exists if, and only if, it stands here."""

from __future__ import annotations

from pip_guard.rule import AnyRule
from pip_guard.rules import (
    break_system_packages,
    foreign_module,
    local_project,
    outside_virtual_environment,
    running_as_root,
    source_distribution,
    unsupported_pip,
    vcs_requirement,
)

ALL_RULES: tuple[AnyRule, ...] = (
    unsupported_pip.RULE,
    foreign_module.RULE,
    running_as_root.RULE,
    outside_virtual_environment.RULE,
    break_system_packages.RULE,
    source_distribution.RULE,
    vcs_requirement.RULE,
    local_project.RULE,
)
