"""Two legs of every order, captured and booked: postings, and the breaks between them."""
