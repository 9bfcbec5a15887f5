"""The routes on accounts: one file for each table of the wire protocol."""
