//! Encrypted lines: certificates of an authority that the owner names.

use super::*;
use crate::redis_server::{RedisServer, as_hub};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// An authority, and what a server needs to be trusted by whoever trusts it.
struct Certificates {
    authority: String,
    certificate: String,
    key: String,
}

impl Certificates {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        Self { authority: authority.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// A server that speaks TLS on the port that is returned.
    async fn server(&self) -> (RedisServer, u16) {
        let directory = tempfile::tempdir().unwrap().keep();
        let write = |name: &str, text: &str| {
            std::fs::write(directory.join(name), text).unwrap();
            directory.join(name).to_str().unwrap().to_owned()
        };
        let (certificate, key) = (write("certificate", &self.certificate), write("key", &self.key));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let options = [
            ("tls-port", port.to_string()),
            ("tls-cert-file", certificate),
            ("tls-key-file", key),
            ("tls-auth-clients", "no".to_owned()),
        ];
        let options: Vec<_> = options.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let server = RedisServer::with(&options).await;
        std::fs::remove_dir_all(directory).unwrap();
        (server, port)
    }
}

fn encrypted(host: &str, port: u16, authority: &str) -> RedisSettings {
    RedisSettings { tls: true, ca: Some(authority.into()), ..as_hub(RedisSettings::at(host, port)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_line_carries_everything() {
    let certificates = Certificates::new();
    let (_server, port) = certificates.server().await;
    for (host, name) in [("127.0.0.1", "moby"), ("localhost", "emma")] {
        let north = connected(&encrypted(host, port, &certificates.authority)).await;
        let south = connected(&encrypted(host, port, &certificates.authority)).await;
        let mut listener = Listener::of(&south, "south", &[name]).await;
        let done = settled(&north, &append(name, None, 1, "north")).await.unwrap();
        listener.hears(done.position).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_authority_is_refused() {
    let (ours, theirs) = (Certificates::new(), Certificates::new());
    let (_server, port) = theirs.server().await;
    let refused = in_time(Redis::connect(&encrypted("localhost", port, &ours.authority), Clock::system())).await;
    let Err(why) = refused else { panic!("it is used") };
    assert!(why.to_string().contains("TLS"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_certificate_is_refused() {
    let server = RedisServer::start().await;
    for authority in ["", "canary"] {
        let refused = in_time(Redis::connect(&encrypted("localhost", server.port(), authority), Clock::system())).await;
        let Err(why) = refused else { panic!("it is used") };
        assert!(!why.to_string().contains("canary"), "{why}");
    }
}
