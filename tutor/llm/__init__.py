"""Language models: prompt to text and logits."""
