//! The `settings` table: one row per choice, as JSON.

use rusqlite::params;
use serde_json::{Map, Value};

use super::{Explain, ReadTx, WriteTx};
use crate::error::{Code, Error, Result};
use crate::settings::Settings;

impl ReadTx<'_> {
    /// The user's choices. A row that makes no sense any more counts as not there.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let mut statement = self.connection.prepare_cached("SELECT name, value FROM main.settings").explain()?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).explain()?;
        let mut settings = serde_json::to_value(Settings::default()).map_err(|source| unwritable(&source))?;
        for row in rows {
            let (name, text) = row.explain()?;
            let (Ok(value), Some(fields)) = (serde_json::from_str::<Value>(&text), settings.as_object_mut()) else {
                continue;
            };
            let before = fields.insert(name.clone(), value);
            if serde_json::from_value::<Settings>(Value::Object(fields.clone())).is_err() {
                tracing::warn!(name, "setting cannot be read; its default is used");
                match before {
                    Some(before) => fields.insert(name, before),
                    None => fields.remove(&name),
                };
            }
        }
        serde_json::from_value(settings).map_err(|source| unwritable(&source))
    }
}

impl WriteTx<'_> {
    /// Keeps the user's choices; rows of other versions stay.
    pub(crate) fn set_settings(&mut self, settings: &Settings) -> Result<()> {
        let Value::Object(fields) = serde_json::to_value(settings).map_err(|source| unwritable(&source))? else {
            return Ok(());
        };
        let fields: Map<String, Value> = fields;
        for (name, value) in fields {
            let sql = "INSERT INTO main.settings (name, value) VALUES (?1, ?2)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            self.connection
                .prepare_cached(sql)
                .and_then(|mut sql| sql.execute(params![name, value.to_string()]))
                .explain()?;
        }
        self.touch_state();
        Ok(())
    }
}

fn unwritable(source: &serde_json::Error) -> Error {
    Error::new(Code::Internal, format!("Settings cannot be written as JSON: {source}"))
}
