"""What the district keeps: the one order, the feeds, devices and accounts, personal records."""
