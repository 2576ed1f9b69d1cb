"""Critique: a learner's answer, judged key point by key point."""
