//! Makes the books of a run: chapters, and people with every role.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use quire_protocol::command::{At, BookCreate, ChapterAdd, ChapterKind, InvitationAccept, MemberInvite, MetadataPatch};
use quire_protocol::{BookId, InvitationId};

use crate::caller::Caller;
use crate::cast::{chapter, role, title};
use crate::desk::Desk;
use crate::site::address_of;

/// Books that are made at the same time.
const BOOKS_AT_ONCE: usize = 64;
/// People of one book who accept at the same time.
const PEOPLE_AT_ONCE: usize = 8;

/// Makes the books of this worker.
pub(crate) async fn prepares(desk: &Desk) -> Result<(), String> {
    let books = desk.plan.prepares(desk.worker).map(|number| prepares_book(desk, number));
    stream::iter(books).buffer_unordered(BOOKS_AT_ONCE).try_collect().await
}

async fn prepares_book(desk: &Desk, number: u32) -> Result<(), String> {
    let (plan, book) = (&desk.plan, desk.plan.book(number));
    let mut owner = Caller::arrives(&desk.site, &plan.name(number, 0), number).await?;
    owner.does(&book, BookCreate { title: "Moby-Dick".into(), metadata: MetadataPatch::default() }.into()).await?;
    for number in 0..plan.chapters {
        let (chapter, title) = (chapter(number), title(number));
        let add = ChapterAdd { chapter, title, kind: ChapterKind::Chapter, at: At::Last, parent: None };
        owner.does(&book, add.into()).await?;
    }
    for person in 1..plan.people {
        let (invitation, email) = (invitation(person), address_of(&plan.name(number, person)));
        owner.does(&book, MemberInvite { invitation, email, role: role(person) }.into()).await?;
    }
    owner.leaves().await;
    let guests = (1..plan.people).map(|person| accepts(desk, &book, number, person));
    stream::iter(guests).buffer_unordered(PEOPLE_AT_ONCE).try_collect().await
}

async fn accepts(desk: &Desk, book: &BookId, number: u32, person: u32) -> Result<(), String> {
    let mut guest = Caller::arrives(&desk.site, &desk.plan.name(number, person), number).await?;
    guest.does(book, InvitationAccept { invitation: invitation(person) }.into()).await?;
    guest.leaves().await;
    Ok(())
}

fn invitation(person: u32) -> InvitationId {
    InvitationId::new(&format!("invitation-{person}")).expect("a number is an id")
}
