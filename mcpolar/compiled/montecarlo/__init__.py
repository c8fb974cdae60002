"""The loops of the estimators of rare events."""
