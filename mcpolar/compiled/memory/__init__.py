"""The loops over one agent's memory: on a grid, as particles, and its certified risk."""
