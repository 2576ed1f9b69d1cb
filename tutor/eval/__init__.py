"""Evaluations: cases to figures."""
