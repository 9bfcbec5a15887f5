"""What a run came to, in the formats that others read: one file per format, each with a ``FORMAT`` whose ``make`` is a
pure function from ``Material`` to bytes. ``all.py`` knows them all.

None of this is imported by a running server; what writes workbooks and bills of materials is imported only when one is
written.
"""
