"""Study: a question, answered from the notes."""
