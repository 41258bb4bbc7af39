"""Whole worlds in one thread of time: the shipped console and the shipped centre, with everything between them going wrong."""
