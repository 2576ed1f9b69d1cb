"""The interview tutor: grounded answers, mock interviews, honest scores."""

__version__ = "0.1.0"
