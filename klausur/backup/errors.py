"""Why there is no backup, or none is put back."""


class BackupError(Exception):
    """``str()`` of it is a sentence for whoever runs the command."""
