"""Loops of finite chains: elimination without subtraction, with exponents of its own, and Jacobi rotations."""
