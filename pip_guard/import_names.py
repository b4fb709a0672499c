"""x"""

PROJECTS_BY_IMPORT_NAME: dict[str, str] = {}
