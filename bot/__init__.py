"""The notice assistant: questions about official notices, answered with citations."""
