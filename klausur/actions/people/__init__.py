"""What people do with accounts: one file per intention, as in the folder above."""
