//! What people experience, told as short stories over pipes and a paused clock.

mod locking;
mod releasing;
mod resuming;
