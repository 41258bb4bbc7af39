"""What things are: pure values and the rule book, shared by console and district centre."""
