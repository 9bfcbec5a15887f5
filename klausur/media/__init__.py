"""Everything that touches the media engine: its process, its API, its signalling socket, its webhooks."""
