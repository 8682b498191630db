use super::*;

#[test]
fn a_format_is_refused_one_past_its_limits() {
    let with = |size, height| Format { font_size_tenths_pt: size, line_height_percent: height, ..Format::default() };
    for (format, expected) in [
        (with(60, 100), Ok(())),
        (with(240, 300), Ok(())),
        (with(59, 100), Err(FormatError::FontSize)),
        (with(241, 100), Err(FormatError::FontSize)),
        (with(60, 99), Err(FormatError::LineHeight)),
        (with(60, 301), Err(FormatError::LineHeight)),
    ] {
        assert_eq!(format.check(), expected);
    }
    assert_eq!(Format::default().check(), Ok(()));
    assert_eq!(FormatError::FontSize.to_string(), "letters are 6 to 24 points large");
    assert_eq!(FormatError::LineHeight.to_string(), "a line is 100 to 300 percent as high as its letters");
}

#[test]
fn a_format_goes_over_the_wire_by_names() {
    let json = serde_json::to_string(&Format::default()).unwrap();
    let expected = "{\"trim\":\"a5\",\"margins\":\"normal\",\"font\":\"serif\",\"font_size_tenths_pt\":110,\
                    \"line_height_percent\":140,\"opening\":\"new_page\",\"numbering\":\"none\",\"ornament\":\"asterisks\",\
                    \"paragraphs\":\"indented\",\"hyphenation\":true,\"justify\":true}";
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<Format>("{}").unwrap(), Format::default());
    let packed = rmp_serde::to_vec_named(&Format::default()).unwrap();
    assert_eq!(rmp_serde::from_slice::<Format>(&packed).unwrap(), Format::default());
    assert!(serde_json::from_str::<Format>("{\"trim\":\"a4\"}").is_err());
    assert!(rmp_serde::from_slice::<Trim>(&[0]).is_err(), "a number is no name");
}

#[test]
fn each_choice_is_read_as_it_is_written() {
    macro_rules! check {
        ($($kind:ident)+) => { $(
            for choice in $kind::ALL {
                let json = serde_json::to_string(choice).unwrap();
                assert_eq!(serde_json::from_str::<$kind>(&json).unwrap(), *choice, "{json}");
            }
        )+ };
    }
    check!(Trim Margins Font Opening Numbering Ornament ParagraphStyle);
}
