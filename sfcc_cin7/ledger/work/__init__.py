"""What people do about breaks: accept, write off, match by hand, undo, and sign a month."""
