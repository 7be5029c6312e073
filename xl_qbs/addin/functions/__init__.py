"""The definitions of the functions, a module a group."""
