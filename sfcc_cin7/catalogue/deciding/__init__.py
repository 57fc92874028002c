"""What differs between both catalogues, who is right, and what may go on sale. Pure."""
