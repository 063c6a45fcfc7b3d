"""A small stand-in production to practise on."""
