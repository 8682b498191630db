use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, TcpListener};
use std::thread;

use super::address::is_public;
use super::*;

fn secret() -> Secret {
    Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
}

#[test]
fn calls_are_signed_as_standard_webhooks_says() {
    let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#.to_owned());
    let call = Call::signed("https://hooks.example.org", id, 1_614_265_330, body, &secret());
    assert_eq!(call.headers[2], ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()));
    assert_eq!(
        call.headers[..2].iter().map(|header| header.0).collect::<Vec<_>>(),
        ["webhook-id", "webhook-timestamp"]
    );
}

#[test]
fn a_secret_is_random_long_and_told_by_nothing_but_its_text() {
    let (one, other) = (Secret::random(), Secret::random());
    assert_ne!(one, other);
    assert_eq!(Secret::parse(&one.text()), Some(one.clone()));
    assert_eq!(one.text().len(), "whsec_".len() + 44);
    assert_eq!(format!("{one:?}"), "Secret");
}

#[test]
fn only_addresses_of_the_internet_may_be_called() {
    let public = ["1.1.1.1", "8.8.8.8", "100.63.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255"];
    let public_v6 = ["2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2001:4860::8888"];
    for address in public.iter().chain(&public_v6) {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
    let private = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
    ];
    let private_v6 = [
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2001:10::1",
        "2002:a00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
    ];
    for address in private.iter().chain(&private_v6) {
        assert!(!is_public(address.parse::<IpAddr>().unwrap()), "{address}");
    }
}

#[test]
fn what_an_address_says_itself_is_refused_at_once() {
    let (guarded, private) = (Http::new(false), Http::new(true));
    for url in ["https://hooks.example.org/x?y=1", "https://1.1.1.1:8443/", "https://[2606:4700:4700::1111]/"] {
        assert_eq!((guarded.check(url), private.check(url)), (Ok(()), Ok(())), "{url}");
    }
    for url in ["http://hooks.example.org", "https://127.0.0.1/", "https://[::1]:9/", "https://169.254.169.254/latest"]
    {
        assert!(guarded.check(url).is_err(), "{url}");
        assert_eq!(private.check(url), Ok(()), "{url}");
    }
    for url in
        ["", "hooks.example.org", "/x", "ftp://hooks.example.org", "file:///etc/passwd", "https://", "https://a b"]
    {
        assert!(private.check(url).is_err(), "{url}");
    }
}

/// Answers one call with this head, and tells what was said.
fn answers(head: &'static str) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/quire", listener.local_addr().unwrap());
    let heard = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut said, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            said.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        said.push_str(&String::from_utf8(body).unwrap());
        stream.write_all(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n").as_bytes()).unwrap();
        said
    });
    (url, heard)
}

#[tokio::test]
async fn a_call_says_what_it_was_given_and_hears_the_status() {
    let http = Http::new(true);
    let (url, heard) = answers("204 Fine");
    let call = Call::signed(&url, "msg_1", 7, "{}".to_owned(), &secret());
    assert_eq!(http.call(&call).await, Called { status: Some(204), problem: None });
    let said = heard.join().unwrap();
    assert!(said.starts_with("POST /quire HTTP/1.1\r\n") && said.ends_with("\r\n\r\n{}"), "{said}");
    for (name, value) in &call.headers {
        assert!(said.contains(&format!("{name}: {value}\r\n")), "{said}");
    }
    assert!(said.contains("content-type: application/json\r\n") && said.contains("user-agent: quire/"), "{said}");
}

#[tokio::test]
async fn a_redirection_is_not_followed_and_what_is_away_is_said_so() {
    let http = Http::new(true);
    let (url, heard) = answers("302 Found\r\nlocation: http://127.0.0.1:9/");
    let called = http.call(&Call::signed(&url, "msg_1", 7, "{}".to_owned(), &secret())).await;
    assert_eq!(called.status, Some(302));
    assert!(called.problem.unwrap().contains("not followed"));
    heard.join().unwrap();
    let nobody = http.call(&Call::signed(&url, "msg_1", 7, "{}".to_owned(), &secret())).await;
    assert_eq!(nobody.status, None);
    assert!(nobody.problem.is_some());
}

#[tokio::test]
async fn nobody_is_called_on_a_private_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let http = Http::new(false);
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"] {
        let call = Call::signed(&format!("https://{host}:{port}/"), "msg_1", 7, "{}".to_owned(), &secret());
        let called = http.call(&call).await;
        assert_eq!((called.status, called.problem.as_deref()), (None, Some(super::address::PRIVATE)), "{host}");
    }
    let plain = Call::signed(&format!("http://127.0.0.1:{port}/"), "msg_1", 7, "{}".to_owned(), &secret());
    assert_eq!(http.call(&plain).await.status, None);
    assert!(listener.accept().is_err(), "nobody came");
}
