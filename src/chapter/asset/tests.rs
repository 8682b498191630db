use super::super::journal::replay;
use super::*;

fn asset(number: u64, bytes: u64) -> Asset {
    let id = AssetId::new(&format!("{number:032x}")).unwrap();
    Asset { id, kind: PictureKind::Png, bytes, width: 3, height: 2, by: None }
}

fn with(all: &[Asset]) -> Assets {
    let mut assets = Assets::default();
    for asset in all {
        assets.apply(AssetsChange::Added(asset.clone()), Timestamp(7));
    }
    assets
}

#[test]
fn the_same_picture_again_is_no_change_and_takes_no_room() {
    let assets = with(&[asset(1, 90)]);
    let limits = Limits { assets_per_book: 1, book_asset_bytes: 90, ..Limits::default() };
    assert_eq!(assets.add(&asset(1, 90), &limits), Ok(None));
    assert_eq!(with(&[asset(1, 90), asset(1, 90)]), assets);
}

#[test]
fn a_book_holds_so_many_pictures_and_bytes() {
    let assets = with(&[asset(1, 60), asset(2, 30)]);
    let usual = Limits { asset_bytes: 50, assets_per_book: 3, book_asset_bytes: 100, ..Limits::default() };
    assert!(assets.add(&asset(3, 10), &usual).unwrap().is_some());
    let refused = |bytes, limits: &Limits| assets.add(&asset(3, bytes), limits).unwrap_err();
    let too_large = Rejection::TooLarge { limit: "asset_bytes".into(), max: 50 };
    assert_eq!(refused(51, &usual), too_large);
    let full = Rejection::LimitReached { limit: "book_asset_bytes".into(), max: 100, used: 90 };
    assert_eq!(refused(11, &usual), full);
    let many = Rejection::LimitReached { limit: "assets_per_book".into(), max: 2, used: 2 };
    assert_eq!(refused(1, &Limits { assets_per_book: 2, ..usual }), many);
}

#[test]
fn a_snapshot_and_the_records_after_it_say_the_same_as_all_records() {
    let (first, second) = (with(&[asset(1, 60)]), asset(2, 30));
    let record = Record {
        seq: quire_protocol::Seq(2),
        stamp: quire_protocol::Token(2),
        at: Timestamp(7),
        tag: crate::store::Tag(1),
        payload: encode(&AssetsChange::Added(second.clone())),
    };
    let read: Assets = replay(Some(&first.snapshot()), &[record]).unwrap();
    assert_eq!(read, with(&[asset(1, 60), second]));
    assert_eq!(read.find(&asset(9, 0).id), Err(Rejection::NotFound { what: What::Asset }));
    assert_eq!(read.find(&asset(2, 0).id).unwrap().bytes, 30);
}

#[test]
fn what_was_begun_counts_until_it_is_there_and_once() {
    let limits = Limits { assets_per_book: 2, book_asset_bytes: 100, ..Limits::default() };
    let mut assets = with(&[asset(1, 30)]);
    let begun = assets.begin(&asset(2, 60), &limits).unwrap().unwrap();
    assets.apply(begun, Timestamp(8));
    assert_eq!(assets.begin(&asset(2, 60), &limits), Ok(None), "begun again");
    assert_eq!(assets.begin(&asset(1, 30), &limits), Ok(None), "there already");
    assert_eq!(assets.find(&asset(2, 0).id), Err(Rejection::NotFound { what: What::Asset }));
    let full = |used| Err(Rejection::LimitReached { limit: "assets_per_book".into(), max: 2, used });
    assert_eq!(assets.begin(&asset(3, 1), &limits), full(2));
    let roomy = Limits { assets_per_book: 9, ..limits };
    let heavy = Rejection::LimitReached { limit: "book_asset_bytes".into(), max: 100, used: 90 };
    assert_eq!(assets.begin(&asset(3, 11), &roomy), Err(heavy));
    // Also after it was put away and read again.
    let mut assets: Assets = replay(Some(&assets.snapshot()), &[]).unwrap();
    assert_eq!(assets.begin(&asset(3, 1), &limits), full(2));
    // Its own room is there for it, and is taken once.
    let added = assets.add(&asset(2, 60), &limits).unwrap().unwrap();
    assets.apply(added, Timestamp(9));
    assert_eq!(assets, {
        let mut both = with(&[asset(1, 30)]);
        both.apply(AssetsChange::Added(asset(2, 60)), Timestamp(9));
        both
    });
    // Told late, it changes nothing.
    let whole = assets.clone();
    assets.apply(AssetsChange::Begun { id: asset(2, 60).id, bytes: 60 }, Timestamp(10));
    assert_eq!(assets, whole);
}
