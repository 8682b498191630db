//! What is answered below `/v1/`, as an OpenAPI document, made of the list that the router is made of.

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::endpoint::{About, Caller, Content, Endpoint};
use super::endpoints;
use super::refusal::{self, Problem};

/// The document, in JSON with line breaks.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = document(&endpoints::all());
    serde_json::to_string_pretty(&document).expect("JSON is text") + "\n"
});

/// What the names in paths mean.
const PARTS: [(&str, &str); 6] = [
    ("book", "The id of a book."),
    ("chapter", "The id of a chapter."),
    ("asset", "The id of a picture."),
    ("user", "A user's id: the `sub` of their tokens."),
    ("email", "The address of a user of the library."),
    ("kind", "`epub`, `pdf`, `docx`, `html`, `markdown` or `text`."),
];

/// The OpenAPI document of this version, in JSON.
pub fn openapi() -> &'static str {
    &DOCUMENT
}

pub(super) async fn get() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi()).into_response()
}

fn document(endpoints: &[Endpoint]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for Endpoint { method, path, about, .. } in endpoints {
        let operation = operation(&mut generator, path, about);
        let of_path = paths.entry(*path).or_insert_with(|| json!({}));
        of_path[method.as_str().to_lowercase()] = operation;
    }
    let problem = generator.subschema_for::<Problem<'_>>();
    let retry_after = json!({"description": "Seconds until it is worth another try.", "schema": {"type": "integer"}});
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "quire",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The HTTP API of a quire hub. What its words mean is said in the specification of the protocol.",
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": {"Refused": {
                "description": "Why it was not done.",
                "headers": {"Retry-After": retry_after},
                "content": {refusal::MEDIA_TYPE: {"schema": problem}},
            }},
            "securitySchemes": {
                "user": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A user's token."},
                "host": {"type": "http", "scheme": "bearer", "description": "A service token of the hub."},
            },
        },
    })
}

fn operation(generator: &mut SchemaGenerator, path: &str, about: &About) -> Value {
    let mut parameters: Vec<Value> = path_parameters(path).collect();
    parameters.extend(about.query.iter().flat_map(|query| query_parameters(&query(generator).to_value())));
    let (status, says) = &about.says;
    let mut said = json!({"description": "Done."});
    if !says.is_empty() {
        said["content"] = says.iter().map(|content| media(generator, *content)).collect::<Map<_, _>>().into();
    }
    let mut operation = json!({
        "operationId": about.name,
        "summary": about.summary,
        "responses": {status.to_string(): said, "default": {"$ref": "#/components/responses/Refused"}},
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(takes) = about.takes {
        let content: Map<_, _> = [media(generator, takes)].into_iter().collect();
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    match about.caller {
        Caller::Anybody => {}
        Caller::User => operation["security"] = json!([{"user": []}]),
        Caller::Host => operation["security"] = json!([{"host": []}]),
    }
    operation
}

fn media(generator: &mut SchemaGenerator, content: Content) -> (String, Value) {
    match content {
        Content::Json(schema) => ("application/json".to_owned(), json!({"schema": schema(generator)})),
        Content::Raw(media_type) => (media_type.to_owned(), json!({})),
    }
}

fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let (_, meaning) = PARTS.iter().find(|(known, _)| *known == name).expect("each name in a path is explained");
        json!({"name": name, "in": "path", "required": true, "description": meaning, "schema": {"type": "string"}})
    })
}

/// The schema of a parameter that is there: null cannot be said in an address.
fn given(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(types) = schema["type"].as_array() {
        schema["type"] = types[0].clone();
    }
    if let Some(Value::Array(choices)) = schema.get("anyOf") {
        let (described, choice) = (schema.get("description").cloned(), choices[0].clone());
        schema = choice;
        if let Some(described) = described {
            schema["description"] = described;
        }
    }
    schema
}

/// Each field of an object as a parameter.
fn query_parameters(object: &Value) -> Vec<Value> {
    let required =
        |name: &str| object["required"].as_array().is_some_and(|required| required.iter().any(|field| field == name));
    let fields = object["properties"].as_object().into_iter().flatten();
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = given(schema);
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let mut parameter = json!({"name": name, "in": "query", "required": required(name), "schema": schema});
        if let Some(description) = description {
            parameter["description"] = description;
        }
        parameter
    };
    fields.map(parameter).collect()
}
