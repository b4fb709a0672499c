"""List the rules: a rule exists if, and only if, it stands here."""

from __future__ import annotations

from pip_guard.rule import AnyRule
from pip_guard.rules import (
    break_system_packages,
    configuration_change,
    direct_url,
    find_links,
    foreign_module,
    insecure_transport,
    local_project,
    lookalike_project_name,
    missing_hash,
    outside_virtual_environment,
    recent_release,
    remote_requirements_file,
    running_as_root,
    source_distribution,
    trusted_host,
    unapproved_host,
    unapproved_index,
    unsupported_pip,
    vcs_requirement,
    writable_configuration,
    wrong_index,
)

ALL_RULES: tuple[AnyRule, ...] = (
    unsupported_pip.RULE,
    foreign_module.RULE,
    running_as_root.RULE,
    outside_virtual_environment.RULE,
    break_system_packages.RULE,
    unapproved_index.RULE,
    insecure_transport.RULE,
    trusted_host.RULE,
    find_links.RULE,
    remote_requirements_file.RULE,
    writable_configuration.RULE,
    configuration_change.RULE,
    source_distribution.RULE,
    vcs_requirement.RULE,
    local_project.RULE,
    direct_url.RULE,
    unapproved_host.RULE,
    wrong_index.RULE,
    lookalike_project_name.RULE,
    recent_release.RULE,
    missing_hash.RULE,
)
