"""What is done: plain functions over a unit of work; no screen and no thread is known here."""
