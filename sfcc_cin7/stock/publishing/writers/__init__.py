"""The ways to tell the storefront what it may sell, behind one interface (`writer.Writer`)."""
