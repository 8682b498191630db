//! What people experience, told as short stories over pipes and a paused clock.

mod anchors;
mod assets;
mod bad_input;
mod comments;
mod drafts;
mod draining;
mod expiry;
mod exporting;
mod ghosts;
mod importing;
mod limits;
mod locking;
mod organising;
mod points;
mod presence;
mod releasing;
mod replicas;
mod resuming;
mod retries;
mod roles;
mod royalties;
mod sharing;
mod slow_client;
mod together;
mod versions;
mod writing;
