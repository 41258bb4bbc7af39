"""How things are kept: the only SQLAlchemy of the console's side, and the case rows both sides share (D23)."""
