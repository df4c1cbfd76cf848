"""What was asked: the question log and, on top of it, frequent questions."""
