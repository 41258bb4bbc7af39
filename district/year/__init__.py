"""A believable past year of the demo district (practice.md §4): generated acts, run through the shipped rule book (演示数据)."""
