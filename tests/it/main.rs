//! Tests of the hub from outside.

mod http;
