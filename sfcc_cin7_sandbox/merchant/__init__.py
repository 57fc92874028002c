"""The merchant who is emulated: assortment, sites, warehouses."""
