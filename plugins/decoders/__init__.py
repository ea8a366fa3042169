"""Decoders that come with the kit."""
