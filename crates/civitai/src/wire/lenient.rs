//! Field readers that give nothing instead of an error. They read a [`Value`] first, so a wrong type cannot stop them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text that says something; numbers count as text.
pub(crate) fn text<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    Value::deserialize(source).map(text_of)
}

/// A whole number, also as `5.0` or `"5"`.
pub(crate) fn integer<'de, D: Deserializer<'de>>(source: D) -> Result<Option<i64>, D::Error> {
    Value::deserialize(source).map(|value| integer_of(&value))
}

/// A number, also as text.
pub(crate) fn real<'de, D: Deserializer<'de>>(source: D) -> Result<Option<f64>, D::Error> {
    let value = Value::deserialize(source)?;
    Ok(match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    })
}

/// Yes or no, also as `1` or `"true"`. Anything else is no.
pub(crate) fn flag<'de, D: Deserializer<'de>>(source: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(source)?;
    Ok(match value {
        Value::Bool(flag) => flag,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    })
}

/// As [`flag`], where it makes a difference whether anything is said.
pub(crate) fn maybe_flag<'de, D: Deserializer<'de>>(source: D) -> Result<Option<bool>, D::Error> {
    let value = Value::deserialize(source)?;
    if !matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_)) {
        return Ok(None);
    }
    // Reading a value that is there already cannot fail.
    Ok(flag(value).ok())
}

/// As [`texts`], where it makes a difference whether anything is said.
pub(crate) fn maybe_texts<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Vec<String>>, D::Error> {
    let value = Value::deserialize(source)?;
    if !matches!(value, Value::Array(_) | Value::String(_)) {
        return Ok(None);
    }
    Ok(texts(value).ok())
}

/// An object, or nothing.
pub(crate) fn nested<'de, D, T>(source: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Value::deserialize(source).map(|value| T::deserialize(value).ok())
}

/// The readable elements of an array.
pub(crate) fn list<'de, D, T>(source: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let Value::Array(elements) = Value::deserialize(source)? else {
        return Ok(Vec::new());
    };
    Ok(elements.into_iter().filter_map(|element| T::deserialize(element).ok()).collect())
}

/// Texts, as an array, as one text, or as a Postgres array `{Image,RentCivit}`. Tags may come as `{"name": …}`.
pub(crate) fn texts<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(source)?;
    Ok(match value {
        Value::Array(elements) => elements.into_iter().filter_map(named).collect(),
        Value::String(text) => match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(inner) => inner.split(',').filter_map(|part| clean(part.trim().trim_matches('"'))).collect(),
            None => clean(&text).into_iter().collect(),
        },
        _ => Vec::new(),
    })
}

pub(crate) fn integer_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `5.0` as 5. Beyond 2^53 a float no longer says which number it means.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and below 2^53")]
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i64)
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => (!text.is_empty()).then_some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn named(value: Value) -> Option<String> {
    match value {
        Value::Object(mut object) => object.remove("name").and_then(text_of),
        other => text_of(other),
    }
    .and_then(|text| clean(&text))
}

fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_come_in_several_spellings() {
        for value in [json!(5), json!(5.0), json!("5"), json!(" 5 ")] {
            assert_eq!(integer(value.clone()).unwrap(), Some(5), "{value}");
            assert_eq!(real(value.clone()).unwrap(), Some(5.0), "{value}");
        }
        for value in [json!(null), json!(5.5), json!("five"), json!([5]), json!({}), json!(1e300), json!(u64::MAX)] {
            assert_eq!(integer(value.clone()).unwrap(), None, "{value}");
        }
        assert_eq!(real(json!("NaN")).unwrap(), None);
        assert_eq!(real(json!("inf")).unwrap(), None);
    }

    #[test]
    fn lists_skip_what_they_cannot_read() {
        let numbers: Vec<u8> = list(json!([1, null, "x", 300, 2])).unwrap();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(list::<_, u8>(json!({"0": 1})).unwrap(), [0; 0]);
        assert_eq!(list::<_, u8>(json!(null)).unwrap(), [0; 0]);
    }

    #[test]
    fn texts_come_as_arrays_and_as_postgres_literals() {
        let expected = ["Image", "RentCivit"];
        assert_eq!(texts(json!(["Image", null, "", "RentCivit"])).unwrap(), expected);
        assert_eq!(texts(json!("{Image,RentCivit}")).unwrap(), expected);
        assert_eq!(texts(json!("{\"Image\", RentCivit}")).unwrap(), expected);
        assert_eq!(texts(json!([{"name": "Image"}, {"id": 1}, {"name": "RentCivit"}])).unwrap(), expected);
        assert_eq!(texts(json!("Sell")).unwrap(), ["Sell"]);
        assert_eq!(texts(json!("{}")).unwrap(), [""; 0]);
        assert_eq!(texts(json!(null)).unwrap(), [""; 0]);
    }

    #[test]
    fn flags_and_texts_forgive() {
        assert!(flag(json!(true)).unwrap() && flag(json!(1)).unwrap() && flag(json!("True")).unwrap());
        assert!(!flag(json!(null)).unwrap() && !flag(json!("no")).unwrap() && !flag(json!([])).unwrap());
        assert_eq!(text(json!(1.5)).unwrap().as_deref(), Some("1.5"));
        assert_eq!(text(json!("")).unwrap(), None);
        assert_eq!(text(json!({})).unwrap(), None);
        assert_eq!(nested::<_, Vec<u8>>(json!("x")).unwrap(), None);
        assert_eq!(maybe_flag(json!(false)).unwrap(), Some(false));
        assert_eq!(maybe_flag(json!(null)).unwrap(), None);
        assert_eq!(maybe_texts(json!("{}")).unwrap(), Some(Vec::new()));
        assert_eq!(maybe_texts(json!(null)).unwrap(), None);
    }
}
