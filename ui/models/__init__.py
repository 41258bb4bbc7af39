"""What is seen: Qt, and no database, network or thread."""
