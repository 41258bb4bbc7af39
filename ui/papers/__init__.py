"""Papers: frozen values of models/papers.py, worded and drawn."""
