"""What happens by itself: one file per periodic job."""
