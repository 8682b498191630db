//! What is said about elements and marks, in the library's words and in ours.

use std::collections::{BTreeMap, HashMap};

use yrs::{Any, Number};

use crate::scribe::Failed;
use crate::scribe::tree::Value;

/// Deepest nesting of lists and maps in a value.
pub(super) const DEPTH_MAX: usize = 16;
/// Integers up to here, and down to its negative, are written as integers, as browsers do.
const INTEGER_MAX: f64 = 2_147_483_647.0;

/// A value of a document.
pub(super) fn read(value: &Any) -> Result<Value, Failed> {
    read_within(value, DEPTH_MAX)
}

fn read_within(value: &Any, levels: usize) -> Result<Value, Failed> {
    let inner = || levels.checked_sub(1).ok_or(Failed::TooDeep);
    Ok(match value {
        Any::Null | Any::Undefined => Value::Null,
        Any::Bool(yes) => Value::Bool(*yes),
        #[expect(clippy::cast_precision_loss, reason = "browsers count in floats too")]
        Any::Number(Number::Int(number)) => Value::Number(*number as f64),
        Any::Number(Number::Float(number)) => Value::Number(*number),
        Any::String(text) => Value::String(text.to_string()),
        Any::Buffer(_) => return Err(Failed::Foreign("bytes where a value should be".to_owned())),
        Any::Array(values) => {
            let inner = inner()?;
            Value::List(values.iter().map(|value| read_within(value, inner)).collect::<Result<_, _>>()?)
        }
        Any::Map(values) => {
            let inner = inner()?;
            let pair = |(name, value): (&String, &Any)| Ok((name.clone(), read_within(value, inner)?));
            Value::Map(values.iter().map(pair).collect::<Result<BTreeMap<_, _>, Failed>>()?)
        }
    })
}

/// The same value for a document.
pub(super) fn write(value: &Value) -> Result<Any, Failed> {
    write_within(value, DEPTH_MAX)
}

fn write_within(value: &Value, levels: usize) -> Result<Any, Failed> {
    let inner = || levels.checked_sub(1).ok_or(Failed::TooDeep);
    Ok(match value {
        Value::Null => Any::Null,
        Value::Bool(yes) => Any::Bool(*yes),
        Value::Number(number) => Any::Number(written(*number)?),
        Value::String(text) => Any::String(text.as_str().into()),
        Value::List(values) => {
            let inner = inner()?;
            Any::Array(values.iter().map(|value| write_within(value, inner)).collect::<Result<Vec<_>, _>>()?.into())
        }
        Value::Map(values) => {
            let inner = inner()?;
            let pair = |(name, value): (&String, &Value)| Ok((name.clone(), write_within(value, inner)?));
            Any::Map(values.iter().map(pair).collect::<Result<HashMap<_, _>, Failed>>()?.into())
        }
    })
}

/// A level is 2 and not 2.0, as browsers write it: some of them compare.
fn written(number: f64) -> Result<Number, Failed> {
    if !number.is_finite() {
        return Err(Failed::Senseless("a value that is not a number".to_owned()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it was compared with the largest integer")]
    #[expect(clippy::float_cmp, reason = "it is an integer if nothing was cut off")]
    Ok(match number {
        integer if integer.abs() <= INTEGER_MAX && integer.trunc() == integer => Number::Int(integer as i64),
        other => Number::Float(other),
    })
}
