//! The OpenAPI document says what there is: no more, no less, and in the form that is kept beside the specification.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::harness::Port;
use super::host::{SECRET, hosting};

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    serde_json::from_str(quire::server::openapi()).unwrap()
}

/// The methods of each path.
fn described() -> BTreeMap<String, BTreeSet<String>> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let methods = |operations: &Value| operations.as_object().unwrap().keys().cloned().collect();
    paths.iter().map(|(path, operations)| (path.clone(), methods(operations))).collect()
}

/// A path with something in place of each name.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// What the router says is answered there.
async fn allowed(port: &Port, path: &str) -> BTreeSet<String> {
    let authorization = format!("Bearer {SECRET}");
    let answer = port.request(&format!("TRACE {}", filled(path)), &[("Authorization", &authorization)], b"").await;
    assert_eq!(answer.status, 405, "{path} is there: {answer:?}");
    let methods = answer.header("allow").unwrap_or_default().split(',').map(str::to_lowercase);
    methods.filter(|method| method != "head").collect()
}

#[tokio::test]
async fn every_endpoint_is_in_the_document_and_the_other_way_round() {
    let port = hosting(quire_protocol::Limits::default()).await;
    let described = described();
    assert!(described.len() > 15, "{described:?}");
    for (path, methods) in &described {
        assert!(methods.iter().all(|method| METHODS.contains(&method.as_str())), "{path}: {methods:?}");
        assert_eq!(allowed(&port, path).await, *methods, "{path}");
    }
    // The router is made of the list alone: nothing else names a path below it.
    let routes = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/routes.rs")).unwrap();
    let named: Vec<_> = routes.lines().filter(|line| line.contains(".route(\"/v1/")).collect();
    assert!(named.iter().all(|line| line.contains("any(nothing)")), "{named:?}");
}

#[tokio::test]
async fn it_is_served_to_everybody() {
    let port = super::harness::port(|_| {}).await;
    let answer = port.get("/v1/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json(), document());
}

#[test]
fn it_is_kept_beside_the_specification() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocol/openapi.json");
    if std::env::var_os("QUIRE_RENEW").is_some() {
        std::fs::write(&path, quire::server::openapi()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == quire::server::openapi(), "renew it with QUIRE_RENEW=1 and look at what changes");
}

#[test]
fn every_reference_leads_somewhere_and_every_name_is_one_of_its_kind() {
    let document = document();
    let mut names = BTreeSet::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{operation}");
        }
    }
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    let pointer = reference.strip_prefix('#').expect("it refers to itself");
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                }
                open.extend(fields.values());
            }
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
}
