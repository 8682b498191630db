//! What only a store on a server can get wrong.
