//! An endpoint: what answers there, and how it is described. The router and the OpenAPI document are made of the same list, so
//! neither has what the other has not.

use std::sync::Arc;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Shared;

/// Makes the schema of a type.
pub(super) type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// Anybody.
    Anybody,
    /// A user with a token of theirs.
    User,
    /// A host application with a service token.
    Host,
}

/// What a body holds.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// JSON of this shape.
    Json(MakeSchema),
    /// Bytes or text of this media type.
    Raw(&'static str),
}

/// An endpoint of the port below `/v1/`.
pub(super) struct Endpoint {
    pub(super) method: Method,
    /// Names of its parts stand in braces.
    pub(super) path: &'static str,
    pub(super) answers: MethodRouter<Arc<Shared>>,
    pub(super) about: About,
}

/// How an endpoint is described.
pub(super) struct About {
    /// Its name, one of its kind.
    pub(super) name: &'static str,
    /// One sentence.
    pub(super) summary: &'static str,
    pub(super) caller: Caller,
    /// What may stand behind the question mark: the fields of an object.
    pub(super) query: Option<MakeSchema>,
    /// What is sent.
    pub(super) takes: Option<Content>,
    /// What is answered, with which status; empty: nothing but the status.
    pub(super) says: (u16, Vec<Content>),
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Endpoint {
    /// Answered with 204 to anybody until somebody says otherwise.
    pub(super) fn new<H: Handler<T, Arc<Shared>>, T: 'static>(
        (method, path): (Method, &'static str),
        handler: H,
        (name, summary): (&'static str, &'static str),
    ) -> Self {
        let filter = MethodFilter::try_from(method.clone()).expect("it is a method of HTTP");
        let about = About { name, summary, caller: Caller::Anybody, query: None, takes: None, says: (204, Vec::new()) };
        Self { method, path, answers: on(filter, handler), about }
    }

    pub(super) fn by(mut self, caller: Caller) -> Self {
        self.about.caller = caller;
        self
    }

    pub(super) fn asks<T: JsonSchema>(mut self) -> Self {
        // In full, since its fields become parameters.
        self.about.query = Some(|generator| T::json_schema(generator));
        self
    }

    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        self.about.takes = Some(Content::Json(schema_of::<T>));
        self
    }

    pub(super) fn takes_raw(mut self, media_type: &'static str) -> Self {
        self.about.takes = Some(Content::Raw(media_type));
        self
    }

    pub(super) fn says<T: JsonSchema>(mut self, status: u16) -> Self {
        self.about.says.0 = status;
        self.about.says.1.push(Content::Json(schema_of::<T>));
        self
    }

    pub(super) fn says_raw(mut self, status: u16, media_type: &'static str) -> Self {
        self.about.says.0 = status;
        self.about.says.1.push(Content::Raw(media_type));
        self
    }

    pub(super) fn says_nothing(mut self, status: u16) -> Self {
        self.about.says.0 = status;
        self
    }
}
