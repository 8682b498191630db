//! What happened to a book and who worked on it, from the real program: rights over HTTP, and the same after a crash.

use quire_protocol::Role;
use quire_protocol::command::InvitationAccept;

use super::program::{Hub, Place};
use super::tab::Tab;
use crate::harness::wishes::{acquire, force_release, invite};

async fn joins(owner: &mut Tab, hub: &Hub, name: &str, role: Role) -> Tab {
    let invitation = invite(name, role);
    let accept = InvitationAccept { invitation: invitation.invitation.clone() };
    owner.does(invitation).await.accepted();
    let mut tab = Tab::arrives(hub, name).await;
    tab.does(accept).await.accepted();
    tab
}

/// The kinds of what is told to the owner, in order, but for letters: they leave when they can.
fn kinds(hub: &Hub) -> Vec<String> {
    let (status, body) = hub.asks("/v1/books/moby-dick/audit", Some(&hub.token("ann")));
    assert_eq!(status, 200);
    let kind =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["what"].as_str().unwrap().to_owned();
    body.lines().map(kind).filter(|kind| kind != "invitation.mailed").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_looks_back_and_nobody_else_also_after_a_crash() {
    let place = Place::new();
    let hub = place.hub(&[]).await;
    let (mut ann, []) = Tab::team(&hub, []).await;
    let mut edi = joins(&mut ann, &hub, "edi", Role::Editor).await;
    let _vic = joins(&mut ann, &hub, "vic", Role::Viewer).await;
    edi.opens().await;
    edi.does(acquire(1)).await.accepted();
    ann.does(force_release(1, "=cmd|' /C calc'!A0")).await.accepted();
    for path in ["/v1/books/moby-dick/audit", "/v1/books/moby-dick/report"] {
        for (name, status) in [("ann", 200), ("edi", 403), ("vic", 403), ("eve", 404)] {
            assert_eq!(hub.asks(path, Some(&hub.token(name))).0, status, "{name} {path}");
        }
        assert_eq!(hub.asks(path, None).0, 401, "{path}");
    }
    let told = kinds(&hub);
    assert_eq!(told.last().unwrap(), "lock.released");
    let (_, table) = hub.asks("/v1/books/moby-dick/audit?format=csv", Some(&hub.token("ann")));
    assert!(table.contains(",forced,'=cmd|' /C calc'!A0,"), "{table}");
    hub.dies().await;
    let hub = place.hub(&[]).await;
    assert_eq!(kinds(&hub), told);
    let (_, report) = hub.asks("/v1/books/moby-dick/report", Some(&hub.token("ann")));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let of_edi = report["rows"].as_array().unwrap().iter().find(|row| row["user"]["name"] == "edi").unwrap();
    assert_eq!((&of_edi["holds"], &of_edi["releases"]), (&1.into(), &serde_json::json!({"forced": 1})));
}
