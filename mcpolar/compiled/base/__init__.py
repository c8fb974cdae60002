"""What every loop shares: elementary functions, counter-based draws, and hints for vector units."""
