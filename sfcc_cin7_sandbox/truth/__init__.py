"""Both emulated systems compared from the outside."""
