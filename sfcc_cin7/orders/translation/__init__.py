"""An order becomes a provable sale, or a list of reasons why not. Pure."""
