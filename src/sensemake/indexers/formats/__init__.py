"""How each file format becomes sections: one module for each, told apart by `registry`."""
