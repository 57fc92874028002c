"""An agent, over the Model Context Protocol."""
