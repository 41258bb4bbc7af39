"""The HTTP face: reads bytes, asks the centre, writes bytes. No rule lives here."""
