"""Which small orders share a sale, and what that sale is."""
