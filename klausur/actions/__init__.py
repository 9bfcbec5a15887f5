"""What people and machines can do, one file per intention. Each takes a World and sees the rest only through ports."""
