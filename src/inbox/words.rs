//! What somebody is told, as a sentence for a letter. It holds what people wrote: whoever shows it escapes it.

use quire_protocol::Role;
use quire_protocol::inbox::{Told, Topic};

/// What happened, as one sentence.
pub fn sentence(told: &Told) -> String {
    let who = told.by.as_ref().map_or("Somebody", |by| by.name.as_str());
    let book = format!("\u{201c}{}\u{201d}", told.title);
    let chapter =
        told.chapter_title.as_ref().map_or("a chapter".to_owned(), |title| format!("\u{201c}{title}\u{201d}"));
    let place = format!("{chapter} of {book}");
    let role = told.role.map_or("a member", role_name);
    match told.topic {
        Topic::Invited => format!("{who} invites you to {book} as {role}."),
        Topic::RoleChanged => format!("You are now {role} of {book}."),
        Topic::Removed => format!("You are no longer a member of {book}."),
        Topic::Mentioned => format!("{who} mentions you in {place}."),
        Topic::Replied => format!("{who} answered in a thread of yours in {place}."),
        Topic::LockAsked => format!("{who} asks for {place}."),
        Topic::LockReceived if told.by.is_none() => format!("You hold {place} now."),
        Topic::LockReceived => format!("{who} let you have {place}."),
        Topic::LockTaken => format!("{who} took over {place}."),
        Topic::LockIdle => format!("{place} was released: nothing was done in it for a long time."),
        Topic::VersionRestored => format!("{who} brought an old version of {place} back."),
        Topic::BookShelved => format!("{book} came into the library."),
        Topic::Assigned => format!("{who} made {place} your task."),
        Topic::Submitted => format!("{book} waits to be reviewed."),
        Topic::ChangesRequested => format!("{who} asks for changes of {book}."),
        Topic::Approved => format!("{who} approved {book}."),
        Topic::Published => format!("{book} is published."),
        Topic::Unpublished => format!("{book} was taken from its readers."),
        Topic::AccessRequested => format!("{who} asks to be let into {book}."),
        Topic::AccessGranted => format!("{who} let you into {book} as {role}."),
        Topic::OwnershipOffered => format!("{who} offers you {book}: you would be its owner."),
        Topic::OwnershipTransferred if told.by.is_none() => format!("{book} has another owner."),
        Topic::OwnershipTransferred => format!("{who} is the owner of {book} now."),
    }
}

/// Where it leads on the page: the fragment of its address.
pub fn place(told: &Told) -> String {
    match (told.topic, &told.chapter) {
        // Who is invited or was removed cannot open the book.
        (Topic::Invited | Topic::Removed, _) => "#/".to_owned(),
        (_, None) => format!("#/book/{}", told.book),
        (_, Some(chapter)) => format!("#/book/{}/{chapter}", told.book),
    }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Author => "author",
        Role::Editor => "editor",
        Role::Viewer => "viewer",
        Role::Reader => "reader",
    }
}
