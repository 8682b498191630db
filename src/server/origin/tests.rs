use super::*;

fn ask(host: &str, origins: &[&str]) -> Asking {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
    for origin in origins {
        headers.append(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
    }
    asking(&headers, &[Origin::parse("https://books.example").unwrap()])
}

#[test]
fn own_listed_and_foreign_origins() {
    let own = |host, origin| matches!(ask(host, &[origin]), Asking::Own(_));
    assert!(own("localhost:7400", "http://localhost:7400"));
    assert!(own("quire.example", "https://quire.example"));
    assert!(own("[::1]:7400", "http://[::1]:7400"));
    assert!(matches!(ask("localhost:7400", &["https://books.example"]), Asking::Listed(_)));
    assert!(matches!(ask("localhost:7400", &["https://BOOKS.example:443"]), Asking::Listed(_)));
    assert_eq!(ask("localhost:7400", &[]), Asking::NoPage);
    for foreign in [
        "null",
        "",
        "http://localhost:7401",
        "http://books.example",
        "https://books.example:8443",
        "https://evil-books.example",
        "https://books.example.evil",
        "https://sub.books.example",
        "https://books.example/",
    ] {
        assert_eq!(ask("localhost:7400", &[foreign]), Asking::Foreign, "{foreign}");
    }
    assert_eq!(ask("localhost:7400", &["https://books.example", "https://books.example"]), Asking::Foreign);
}
