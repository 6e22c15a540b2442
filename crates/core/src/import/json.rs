//! Pieces of other programs' JSON, where a number may be a text, an empty text stands for nothing, and anything may be
//! something else altogether.
//!
//! What is not wanted is skipped while parsing, never collected: a hostile document costs its reading and no more.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Texts longer than this are no hash, no name and no path, in bytes.
const MAX_TEXT: usize = 8 * 1024;

/// Elements kept of one list. A version at Civitai has a dozen files.
const MAX_LIST: usize = 256;

/// A text or a number; everything else is [`Scalar::Other`].
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) enum Scalar {
    Text(String),
    Integer(i64),
    Float(f64),
    #[default]
    Other,
}

impl Scalar {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(_) | Self::Float(_) | Self::Other => None,
        }
    }

    pub(super) fn float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            #[expect(clippy::cast_precision_loss, reason = "times and sizes are far below 2^53")]
            Self::Integer(number) => Some(*number as f64),
            Self::Text(_) | Self::Other => None,
        }
    }

    /// A positive whole number, also as text: ids are written both ways.
    pub(super) fn id(&self) -> Option<i64> {
        let id = match self {
            Self::Integer(number) => *number,
            Self::Text(text) => text.parse().ok()?,
            Self::Float(_) | Self::Other => return None,
        };
        (id > 0).then_some(id)
    }

    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => u64::try_from(*number).ok(),
            Self::Text(_) | Self::Float(_) | Self::Other => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;

        impl<'de> Visitor<'de> for ScalarVisitor {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(i64::try_from(number).map_or(Scalar::Other, Scalar::Integer))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar::Float(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(if text.len() > MAX_TEXT { Scalar::Other } else { Scalar::Text(text.to_owned()) })
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Scalar, A::Error> {
                skip_seq(seq).map(|()| Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar, A::Error> {
                skip_map(map).map(|()| Scalar::Other)
            }
        }

        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// An object read as `T`; anything else in its place is `T::default()`.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectVisitor<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_bool<E>(self, _: bool) -> Result<T, E> {
                Ok(T::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<T, E> {
                Ok(T::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<T, E> {
                Ok(T::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<T, E> {
                Ok(T::default())
            }

            fn visit_str<E>(self, _: &str) -> Result<T, E> {
                Ok(T::default())
            }

            fn visit_unit<E>(self) -> Result<T, E> {
                Ok(T::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
                skip_seq(seq).map(|()| T::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_any(ObjectVisitor(PhantomData)).map(Object)
    }
}

/// The first objects of a list; anything else in its place is an empty one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Objects<T>(pub(super) Vec<T>);

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Objects<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectsVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectsVisitor<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_str<E>(self, _: &str) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_unit<E>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
                let mut kept = Vec::new();
                while kept.len() < MAX_LIST {
                    match seq.next_element::<Object<T>>()? {
                        Some(Object(element)) => kept.push(element),
                        None => return Ok(kept),
                    }
                }
                skip_seq(seq).map(|()| kept)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
                skip_map(map).map(|()| Vec::new())
            }
        }

        deserializer.deserialize_any(ObjectsVisitor(PhantomData)).map(Objects)
    }
}

fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Thing {
        id: Scalar,
        name: Scalar,
        inner: Object<Inner>,
        list: Objects<Inner>,
    }

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Inner {
        x: Scalar,
    }

    fn read(json: &str) -> Thing {
        serde_json::from_str::<Object<Thing>>(json).unwrap().0
    }

    #[test]
    fn ids_may_be_numbers_texts_or_nothing() {
        for (json, id) in [("7", Some(7)), ("\"7\"", Some(7)), ("\"\"", None), ("0", None), ("-7", None), ("1.5", None)]
        {
            assert_eq!(read(&format!("{{\"id\":{json}}}")).id.id(), id, "{json}");
        }
        assert_eq!(read("{\"id\":18446744073709551615}").id.id(), None);
    }

    #[test]
    fn anything_in_the_wrong_place_is_nothing() {
        for wrong in ["null", "true", "1", "-1", "1.5", "\"x\"", "[1,[2]]", "{\"a\":{\"b\":[]}}"] {
            let thing =
                read(&format!("{{\"id\":{wrong},\"name\":{wrong},\"inner\":{wrong},\"list\":{wrong},\"z\":{wrong}}}"));
            assert_eq!(
                (thing.inner, thing.list.0.iter().filter(|inner| inner.x != Scalar::Other).count()),
                Default::default()
            );
            assert_eq!(read(wrong), Thing::default());
        }
        assert_eq!(read("{\"list\":[null,{\"x\":1},[],{\"x\":2}]}").list.0.len(), 4);
    }

    #[test]
    fn long_lists_and_texts_are_not_collected() {
        let json =
            format!("{{\"list\":[{}{{}}],\"name\":\"{}\"}}", "{\"x\":1},".repeat(10_000), "n".repeat(MAX_TEXT + 1));
        let thing = read(&json);
        assert_eq!(thing.list.0.len(), MAX_LIST);
        assert_eq!(thing.name, Scalar::Other);
    }

    #[test]
    fn deep_nesting_is_skipped_or_refused_without_a_deep_stack() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for field in ["z", "id", "inner", "list"] {
            let _ = serde_json::from_str::<Object<Thing>>(&format!("{{\"{field}\":{deep}}}"));
        }
        let objects = format!("{}1{}", "{\"inner\":".repeat(100_000), "}".repeat(100_000));
        let _ = serde_json::from_str::<Object<Thing>>(&objects);
    }
}
