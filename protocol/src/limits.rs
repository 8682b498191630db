//! Every limit and every timer, by name, with its default. Sent whole in `welcome`, so that clients need not guess.

use serde::{Deserialize, Serialize};

macro_rules! numbers {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $default:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(default)]
        pub struct $name {
            $($(#[$field_meta])* #[cfg_attr(feature = "typescript", ts(type = "number"))] pub $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $name {
            /// Name and value of each.
            pub fn table(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($field), u64::try_from(self.$field).unwrap_or(u64::MAX)),)*]
            }
        }
    };
}

numbers! {
    /// How much of everything. Characters are Unicode scalar values.
    Limits {
        /// One inbound WebSocket message, bytes. Over it: close 1009.
        message_bytes: usize = 64 * 1024,
        /// The `hello` frame, bytes. Over it: close 1009.
        hello_bytes: usize = 16 * 1024,
        /// Data of one part, bytes. Over it: close 4000.
        part_bytes: usize = 16 * 1024,
        /// A frame assembled from parts, bytes. Over it: close 1009.
        frame_bytes: usize = 4 * 1024 * 1024,
        /// Nesting of a frame. Over it: close 4000.
        depth: usize = 16,
        /// Commands a session may send in one second, on average. Over it: `rate_limited`.
        commands_per_second: u32 = 50,
        /// Commands a session may send at once after a pause. Over it: `rate_limited`.
        command_burst: u32 = 200,
        /// Refusals for the rate that a session may collect in one second before it is closed with 4029.
        rate_refusals_per_second: u32 = 500,
        /// Frames other than commands (presence, activity, WebSocket pings) per second. Over it: close 4029.
        signals_per_second: u32 = 100,
        /// Connected sessions of one user. Over it: close 4029.
        sessions_per_user: usize = 50,
        /// Connections that have not said hello, over all. Over it: HTTP 503.
        pending_connections: usize = 2_000,
        /// Connections over all. Over it: HTTP 503.
        connections: usize = 15_000,
        /// Books one session has open. Over it: `limit_reached`.
        books_per_session: usize = 32,
        /// Chapters one session holds or waits for in one book. Over it: `limit_reached`.
        locks_per_session: usize = 16,
        /// Sessions that wait for one chapter. Over it: `limit_reached`.
        waiting_per_chapter: usize = 32,
        /// Sessions that hold one live chapter. Over it: `limit_reached`.
        writers_per_chapter: usize = 16,
        /// Sessions in one book. Over it: `limit_reached`.
        sessions_per_book: usize = 5_000,
        /// Commands that wait for one book. Over it: `unavailable`.
        mailbox_commands: usize = 1_024,
        /// Roster entries in one answer; the rest is a count.
        roster_entries: usize = 200,
        /// A presence cursor, bytes. Over it: close 4000.
        cursor_bytes: usize = 256,
        /// Title of a book or chapter, characters. Over it: `too_large`.
        title_chars: usize = 300,
        /// A person's name, characters. Longer ones are cut.
        name_chars: usize = 100,
        /// One metadata text other than the description, characters. Over it: `too_large`.
        metadata_chars: usize = 500,
        /// The description, characters. Over it: `too_large`.
        description_chars: usize = 10_000,
        /// Authors or keywords, entries. Over it: `too_large`.
        metadata_entries: usize = 50,
        /// A comment, characters. Over it: `too_large`.
        comment_chars: usize = 10_000,
        /// An anchor's quote, characters. Over it: `too_large`.
        quote_chars: usize = 500,
        /// An anchor's prefix or suffix, characters. Over it: `too_large`.
        context_chars: usize = 128,
        /// A note or reason, characters. Over it: `too_large`.
        note_chars: usize = 500,
        /// One update of a chapter's text, bytes. Over it: `too_large`.
        update_bytes: usize = 48 * 1024,
        /// Chapters whose text one session has open in one book. Over it: `limit_reached`.
        texts_per_session: usize = 32,
        /// Recovery drafts that one person keeps in one book. Over it: `limit_reached`.
        drafts_per_person: usize = 20,
        /// Versions of one chapter. Over it, the oldest that nobody named goes; with as many names: `limit_reached`.
        versions_per_chapter: usize = 500,
        /// Points of one book's history. Over it: `limit_reached`.
        points_per_book: usize = 200,
        /// All texts of a book that is put into a file, bytes as they are stored. Over it: `too_large`.
        export_bytes: usize = 64 * 1024 * 1024,
        /// One picture of a book, bytes. Over it: `too_large`.
        asset_bytes: usize = 8 * 1024 * 1024,
        /// What showing one picture takes, pixels. Over it: `too_large`.
        asset_pixels: usize = 64 * 1024 * 1024,
        /// Pictures of one book. Over it: `limit_reached`.
        assets_per_book: usize = 1_000,
        /// All pictures of one book, bytes. Over it: `limit_reached`.
        book_asset_bytes: usize = 128 * 1024 * 1024,
        /// Mentions in one comment. Over it: `too_large`.
        mentions: usize = 50,
        /// Chapters of one book, removed ones included. Over it: `limit_reached`.
        chapters_per_book: usize = 2_000,
        /// Threads of one book. Over it: `limit_reached`.
        threads_per_book: usize = 5_000,
        /// Comments of one thread, tombstones included. Over it: `limit_reached`.
        comments_per_thread: usize = 300,
        /// Members and pending invitations of one book together. Over it: `limit_reached`.
        members_per_book: usize = 500,
        /// People who wait to be let into one book. Who asks then is not heard.
        requests_per_book: usize = 50,
        /// Users of one library, those who are asked to join included. Over it: `limit_reached`.
        users_per_library: usize = 100_000,
        /// Books of one library. Over it: `limit_reached`.
        books_per_library: usize = 50_000,
        /// Addresses in one `library.share`. Over it: `too_large`.
        addresses_per_share: usize = 100,
        /// Permissions given to one user, and titles, categories, countries or roles that one of them is limited to. Over it: `too_large`.
        grants_per_user: usize = 100,
        /// One field of a user other than the name, characters. Over it: `too_large`.
        user_chars: usize = 100,
        /// Categories of one book. Over it: `too_large`.
        categories_per_book: usize = 50,
        /// Entries of one inbox. Over it, the oldest goes.
        inbox_entries: usize = 500,
        /// Notices that are mailed at once to one person within a day. Over it, they come with the daily letter.
        mails_at_once: usize = 20,
        /// People who are told of one thing. Over it, the rest is not.
        told_people: usize = 1_000,
        /// Rows of one list answer.
        list_rows: usize = 200,
        /// Events in one catch-up; beyond it a snapshot is sent.
        catch_up_events: usize = 5_000,
        /// Links to sign in with that are sent to one address within `signin_ms`. Over it: HTTP 429.
        signins_per_address: usize = 5,
        /// Links and sign-ins by link that one network address asks for within `signin_ms`. Over it: HTTP 429.
        signins_per_peer: usize = 100,
        /// Invitations to books that one person sends or sends again in an hour, and people whom they ask to join the library.
        /// Over it: `rate_limited`.
        invitations_per_hour: usize = 100,
        /// Addresses that one person looks up in an hour. Over it: `rate_limited`.
        lookups_per_hour: usize = 60,
        /// Books that one person asks to be let into in an hour. Over it: `rate_limited`.
        requests_per_hour: usize = 20,
        /// Webhooks of a library. Over it: `limit_reached`.
        webhooks_per_library: usize = 10,
        /// What one webhook may still have to be told. Over it, the oldest is dropped.
        webhook_deliveries: usize = 500,
        /// Requests of a host application with one service token in a second; as many at once after a pause. Over it: HTTP 429.
        host_requests_per_second: u32 = 100,
        /// What may wait for a slow reader, bytes. Over it: close 4008.
        outbox_bytes: usize = 1024 * 1024,
        /// What may wait for a slow reader, frames. Over it: close 4008.
        outbox_frames: usize = 4_096,
    }
}

numbers! {
    /// How long everything takes, milliseconds.
    Timers {
        /// The hub pings a quiet connection this often.
        ping_ms: u64 = 20_000,
        /// A connection without a pong for this long after a ping is dead.
        pong_ms: u64 = 10_000,
        /// A vanished session keeps its locks for this long; 0 frees them at once.
        grace_ms: u64 = 10_000,
        /// A lock without activity is released after this time.
        lock_idle_ms: u64 = 24 * 60 * 60 * 1000,
        /// The holder is told this long ahead.
        lock_idle_notice_ms: u64 = 10 * 60 * 1000,
        /// Without activity for this long a roster entry is `idle`.
        roster_idle_ms: u64 = 5 * 60 * 1000,
        /// Presence is collected for this long before it is sent.
        presence_tick_ms: u64 = 50,
        /// `hello` must come within this time.
        hello_ms: u64 = 5_000,
        /// All parts of a frame must come within this time.
        parts_ms: u64 = 10_000,
        /// A replica's lease in the store ends this long after it was last renewed.
        lease_ms: u64 = 10_000,
        /// A replica renews its lease this often.
        lease_renew_ms: u64 = 3_000,
        /// A replica that drains tells its sessions to go over this time.
        drain_ms: u64 = 15_000,
        /// While somebody writes, a version is kept this often.
        version_ms: u64 = 10 * 60 * 1000,
        /// After this time, versions that nobody named thin out to one an hour.
        version_hourly_ms: u64 = 24 * 60 * 60 * 1000,
        /// After this time, to one a day.
        version_daily_ms: u64 = 7 * 24 * 60 * 60 * 1000,
        /// An invitation lapses after this time.
        invitation_ms: u64 = 7 * 24 * 60 * 60 * 1000,
        /// One address is mailed an invitation to one book this often at most.
        invitation_mail_ms: u64 = 60 * 1000,
        /// An offer of ownership lapses after this time; 0: books do not change hands.
        ownership_offer_ms: u64 = 0,
        /// A book in the trash can be restored for this long.
        trash_ms: u64 = 30 * 24 * 60 * 60 * 1000,
        /// Letters with what happened go out this often: a day, which begins at 06:00 UTC.
        digest_ms: u64 = 24 * 60 * 60 * 1000,
        /// A webhook that does not answer is told something again for this long.
        webhook_ms: u64 = 24 * 60 * 60 * 1000,
        /// A mailed link to sign in with is good for this long.
        signin_ms: u64 = 15 * 60 * 1000,
        /// Whoever signed in by a mailed link stays signed in for this long.
        signed_in_ms: u64 = 12 * 60 * 60 * 1000,
    }
}
