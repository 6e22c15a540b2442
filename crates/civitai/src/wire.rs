//! What Civitai sends, field by field as it may really come: the tolerant half of the client.
//!
//! One odd field costs that field, one odd element costs that element, never the whole answer: a library of a thousand
//! files must not stay unnamed because one author's upload has a broken picture. Only the ids are required, and
//! [`crate::convert`] checks them. Fields that Modeldock does not use are not listed; the raw JSON keeps them.

pub(crate) mod lenient;
mod list;
mod model;
mod vault;
mod version;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) use self::list::{ListedFile, ListedModel, ListedVersion, ModelPage};
pub(crate) use self::model::{Model, ModelOfVersion, Models};
pub(crate) use self::vault::{Toggled, Vault, VaultFile, VaultItem, VaultPage, VaultRow};
pub(crate) use self::version::{File, IdsRow, Image, PaidAccess, Version};

/// Reads one object. By way of [`Value`], which forgives repeated keys.
pub(crate) fn read<T: DeserializeOwned>(raw: &RawValue) -> Option<T> {
    let value: Value = serde_json::from_str(raw.get()).ok()?;
    // Serde would take an array for the fields in their order.
    if value.is_object() { T::deserialize(value).ok() } else { None }
}

/// The elements of an array as they came, without the `null` ones. `None` if it is no array.
pub(crate) fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
    Some(elements.into_iter().filter(|element| element.get() != "null").collect())
}
