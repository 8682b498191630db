use quire_protocol::library::{BookScope, Permission, UserState};
use quire_protocol::publishing::PublishState;
use quire_protocol::{BookId, Seq};

use super::super::Event;
use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

struct Scene {
    library: Library,
    limits: Limits,
    timers: Timers,
}

impl Scene {
    fn new() -> Self {
        Self { library: Library::default(), limits: Limits::default(), timers: Timers::default() }
    }

    fn context(&self) -> HostContext<'_> {
        HostContext { now: NOW, limits: &self.limits, timers: &self.timers }
    }

    /// How many events it took.
    fn does(&mut self, wish: &Hosted) -> Result<usize, Rejection> {
        let events = self.library.decide_hosted(&self.context(), wish)?;
        for event in &events {
            self.library.apply(event, NOW);
            self.library.check_invariants();
        }
        Ok(events.len())
    }

    fn row(&self, email: &str) -> Result<UserRow, Rejection> {
        self.library.user_for_host(NOW, email)
    }
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn named(name: &str) -> UserDetails {
    UserDetails { name: Some(name.into()), country: Some("DE".into()), ..UserDetails::default() }
}

fn put(email: &str, details: UserDetails, account: Option<&str>) -> Hosted {
    Hosted::Put { email: email.into(), details, active: true, user: account.map(user) }
}

fn give(email: &str, grants: Vec<Grant>) -> Hosted {
    Hosted::Give { email: email.into(), grants }
}

#[test]
fn a_user_is_put_once_however_often_that_is_said() {
    let mut scene = Scene::new();
    assert_eq!(scene.does(&put(" Ann@Example.org ", named("Ann"), None)), Ok(1));
    assert_eq!(scene.does(&put("ann@example.org", named("Ann"), None)), Ok(0));
    assert_eq!(scene.row("ann@example.org").unwrap().state, UserState::Asked);
    assert_eq!(scene.does(&put("ann@example.org", named("Ann Lee"), Some("ann"))), Ok(2), "described, and joined");
    assert_eq!(scene.does(&put("ann@example.org", named("Ann Lee"), Some("ann"))), Ok(0));
    assert_eq!(scene.does(&put("ann@example.org", named("Ann Lee"), None)), Ok(0), "who joined stays");
    let row = scene.row("ann@example.org").unwrap();
    assert_eq!((row.user, row.state), (Some(user("ann")), UserState::Joined));
    assert_eq!(scene.does(&Hosted::Remove { email: "ann@example.org".into() }), Ok(1));
    let again = scene.does(&Hosted::Remove { email: "ann@example.org".into() });
    assert_eq!(again, Err(no_such_user()));
}

#[test]
fn a_new_user_may_have_joined_and_be_disabled_at_once() {
    let mut scene = Scene::new();
    let Hosted::Put { email, details, user, .. } = put("ben@example.org", named("Ben"), Some("ben")) else { panic!() };
    assert_eq!(scene.does(&Hosted::Put { email, details, user, active: false }), Ok(3));
    assert_eq!(scene.row("ben@example.org").unwrap().state, UserState::Inactive);
    assert!(scene.library.is_disabled(&self::user("ben")));
}

#[test]
fn an_account_is_one_users_and_has_a_name() {
    let mut scene = Scene::new();
    scene.does(&put("ann@example.org", named("Ann"), Some("ann"))).unwrap();
    for wish in [put("other@example.org", named("Ann"), Some("ann")), put("ann@example.org", named("Ann"), Some("x"))] {
        assert!(matches!(scene.does(&wish), Err(Rejection::Conflict { .. })), "{wish:?}");
    }
    let nameless = scene.does(&put("ben@example.org", UserDetails::default(), Some("ben")));
    assert!(matches!(nameless, Err(Rejection::Invalid { field, .. }) if field == "name"));
    let no_address = scene.does(&put("ben", named("Ben"), None));
    assert!(matches!(no_address, Err(Rejection::Invalid { field, .. }) if field == "email"));
    let owner = Owner { person: Person { user: user("zoe"), name: "Zoe".into() }, email: Some("zoe@x.org".into()) };
    scene.library.apply(&Event::Claimed { owner }, NOW);
    assert!(scene.does(&put("zoe@x.org", named("Zoe"), None)).is_err(), "the owner needs nothing");
    assert!(scene.does(&put("z@x.org", named("Zoe"), Some("zoe"))).is_err());
    scene.limits.users_per_library = 1;
    let full = scene.does(&put("kim@example.org", named("Kim"), None));
    assert!(matches!(full, Err(Rejection::LimitReached { used: 1, .. })));
    assert_eq!(scene.library.known(&user("zoe")), Some(("Zoe".into(), Some("zoe@x.org".into()))));
    assert_eq!(scene.library.known(&user("ann")), Some(("Ann".into(), Some("ann@example.org".into()))));
    assert_eq!(scene.library.known(&user("kim")), None);
}

#[test]
fn what_is_given_takes_the_place_of_what_was_and_counts_for_who_joined() {
    let mut scene = Scene::new();
    scene.does(&put("ann@example.org", named("Ann"), Some("ann"))).unwrap();
    let books = Some(BookScope::Categories(["Sea".to_owned()].into()));
    let grant = Grant { permission: Permission::Edit, books, users: None };
    assert_eq!(scene.does(&give("ann@example.org", vec![grant.clone(), grant.clone()])), Ok(1));
    assert_eq!(scene.does(&give("ann@example.org", vec![grant.clone()])), Ok(0));
    assert_eq!(scene.row("ann@example.org").unwrap().grants, Some(vec![grant]));
    assert!(scene.library.may(&user("ann"), Permission::Edit));
    let unfit = Grant { permission: Permission::Upload, books: Some(BookScope::Own), users: None };
    assert!(scene.does(&give("ann@example.org", vec![unfit])).is_err());
    assert_eq!(scene.does(&give("ann@example.org", Vec::new())), Ok(1));
    assert!(!scene.library.may(&user("ann"), Permission::Edit));
    assert_eq!(scene.does(&give("zoe@example.org", Vec::new())), Err(no_such_user()));
}

#[test]
fn a_host_sees_all_users_and_books_page_by_page() {
    let mut scene = Scene::new();
    for name in ["ann", "ben", "eve"] {
        scene.does(&put(&format!("{name}@example.org"), named(name), None)).unwrap();
    }
    for title in ["Typee", "Moby-Dick", "Omoo"] {
        let book = BookId::new(title).unwrap();
        let book = Shelved {
            book,
            seq: Seq(1),
            title: title.into(),
            categories: Vec::new(),
            state: PublishState::Draft,
            revision: None,
            owner: None,
        };
        scene.library.apply(&Event::BookShelved { book }, NOW);
    }
    let query = |cursor| UsersList {
        search: None,
        countries: vec!["de".into()],
        roles: Vec::new(),
        state: Some(UserState::Asked),
        limit: Some(2),
        cursor,
    };
    let Ok(Answer::Users { users, total: 3, cursor }) = scene.library.users_for_host(&scene.context(), &query(None))
    else {
        panic!("not three users")
    };
    assert_eq!(users.len(), 2);
    let rest = scene.library.users_for_host(&scene.context(), &query(cursor));
    assert!(matches!(rest, Ok(Answer::Users { users, cursor: None, .. }) if users[0].email == "eve@example.org"));
    let books = LibraryBooks { search: Some("o".into()), category: None, state: None, limit: None, cursor: None };
    let Answer::LibraryBooks { shelf, total: 2, .. } = scene.library.books_for_host(&scene.context(), &books) else {
        panic!("not two books")
    };
    assert_eq!(shelf[0].title, "Moby-Dick");
}
