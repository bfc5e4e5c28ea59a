//! Parses JSON. Unlike the parser alone, it refuses duplicate fields, because it is unclear which one the client means.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Parses a JSON text.
///
/// # Errors
/// The syntax error with its line and column.
pub fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice::<Strict>(bytes).map(|strict| strict.0)
}

/// Replaces each number that no f64 can hold by the largest one, so that messages can name the fields that have them.
pub fn with_finite_numbers(text: &[u8]) -> Vec<u8> {
    let mut finite = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut is_string = false;
    while let Some(byte) = rest.first() {
        let length = match byte {
            // An escaped quote does not end a string.
            b'\\' if is_string => 2.min(rest.len()),
            b'0'..=b'9' if !is_string => {
                let digits = rest
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte));
                digits.count()
            }
            _ => 1,
        };
        is_string ^= *byte == b'"';
        let (token, after) = rest.split_at(length);
        let number = str::from_utf8(token).ok().map(str::parse::<f64>);
        match number {
            Some(Ok(number)) if !is_string && number.is_infinite() => {
                finite.extend(format!("{:e}", f64::MAX).into_bytes());
            }
            _ => finite.extend(token),
        }
        rest = after;
    }
    finite
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "the field {name:?} occurs twice"
                )));
            }
            let Strict(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, with_finite_numbers};
    use serde_json::{Value, json};

    #[test]
    fn what_serde_reads_is_read_the_same() {
        let text = r#"{"a":[1,-2,3.5,1e3,true,null,"é😀"],"b":{"c":{}},"d":18446744073709551615}"#;
        let plain: Value = serde_json::from_str(text).unwrap_or_default();
        assert_eq!(parse(text.as_bytes()).unwrap_or_default(), plain);
        assert_eq!(parse(b"1").unwrap_or_default(), json!(1));
    }

    #[test]
    fn a_member_that_stands_twice_is_refused() {
        for text in [r#"{"a":1,"a":2}"#, r#"[{"b":{"a":1,"a":1}}]"#] {
            let why = parse(text.as_bytes()).map_err(|cause| cause.to_string());
            assert!(
                why.is_err_and(|why| why.contains("the field \"a\" occurs twice")),
                "{text}"
            );
        }
    }

    #[test]
    fn numbers_that_are_too_large_are_replaced() {
        let text = r#"{"a\"1e999":"1e999\\","b":[1e400,-1E+400,1e4,-2.5],"c":"é"}"#;
        let largest = format!("{:e}", f64::MAX);
        let expected = text
            .replace("1e400", &largest)
            .replace("-1E+400", &format!("-{largest}"));
        assert!(parse(text.as_bytes()).is_err());
        let finite = with_finite_numbers(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&finite), expected);
        assert!(parse(&finite).is_ok());
        assert_eq!(with_finite_numbers(b"\"\\"), b"\"\\");
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        assert!(parse(deep.as_bytes()).is_err());
        assert!(parse(b"\"\\ud800\"").is_err());
    }
}
