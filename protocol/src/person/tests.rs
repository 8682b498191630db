use super::*;

#[test]
fn initials_are_the_first_and_the_last() {
    let people = [
        ("Ann Lee", "AL"),
        ("ann", "A"),
        ("Gabriel José García Márquez", "GM"),
        ("  émile   zola ", "ÉZ"),
        ("E\u{301}mile Zola", "E\u{301}Z"),
        ("村上 春樹", "村春"),
        ("ann (she) -", "AS"),
        ("42", "4"),
        ("", "?"),
        ("— ?!", "?"),
    ];
    for (name, expected) in people {
        assert_eq!(initials(name), expected, "{name:?}");
    }
}

#[test]
fn a_colour_depends_on_the_id_alone() {
    let colours = ["u1", "u2", "ann"].map(|id| colour(&UserId::new(id).unwrap()));
    // The same numbers stand in the specification, for clients that compute them.
    assert_eq!(colours, ["#4f6700", "#7a5900", "#5145cd"]);
}

#[test]
fn white_text_is_readable_on_every_colour() {
    for colour in COLOURS {
        let channel = |place: usize| {
            let value = f64::from(u8::from_str_radix(&colour[place..place + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
        assert!(1.05 / (luminance + 0.05) >= 4.5, "{colour}");
    }
}
