"""Compiled loops: arrays in, arrays out; no checks, no classes, no files."""
