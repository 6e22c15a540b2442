//! The `vault_items` and `vault_info` tables: the vault as last read, and which files here are of it.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{OptionalExtension, params};

use super::{Explain, ReadTx, WriteTx};
use crate::error::{Error, Result};
use crate::roots::ModelKind;
use crate::units::{ByteCount, FileId, UnixMillis, VaultItemId, VersionId};
use crate::vault::{Standing, VaultInfo, VaultItem, VaultState, is_model_file, is_model_of};

/// What a reading of the vault brought.
#[derive(Debug, Clone)]
pub(crate) struct VaultRecord {
    /// `None`: as it was.
    pub(crate) state: Option<VaultState>,
    pub(crate) info: Option<VaultInfo>,
    pub(crate) items: Vec<VaultItem>,
    /// Why the items are not all; nothing if they are.
    pub(crate) problem: Option<Error>,
}

/// The vault as a whole, as last read.
#[derive(Debug, Clone, Default)]
pub(crate) struct VaultKept {
    pub(crate) state: Option<VaultState>,
    pub(crate) info: Option<VaultInfo>,
    pub(crate) synced_at: Option<UnixMillis>,
    pub(crate) problem: Option<Error>,
}

impl ReadTx<'_> {
    /// What is known of the vault as a whole.
    pub(crate) fn vault(&self) -> Result<VaultKept> {
        let sql = "SELECT state, info, synced_at, problem FROM cache.vault_info";
        let kept = self.connection.query_row(sql, [], |row| {
            let state: Option<String> = row.get(0)?;
            let info = row.get_ref(1)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok());
            let problem = row.get_ref(3)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok());
            Ok(VaultKept {
                state: state.and_then(|text| VaultState::ALL.into_iter().find(|state| state.as_str() == text)),
                info,
                synced_at: row.get::<_, Option<i64>>(2)?.map(UnixMillis),
                problem,
            })
        });
        Ok(kept.optional().explain()?.unwrap_or_default())
    }

    /// Everything in the vault, in no order.
    pub(crate) fn vault_items(&self) -> Result<Vec<VaultItem>> {
        let mut statement = self.connection.prepare_cached("SELECT item FROM cache.vault_items").explain()?;
        let rows = statement
            .query_map([], |row| Ok(serde_json::from_str::<VaultItem>(row.get_ref(0)?.as_str()?).ok()))
            .explain()?;
        let items: Vec<Option<VaultItem>> = rows.collect::<rusqlite::Result<_>>().explain()?;
        Ok(items.into_iter().flatten().collect())
    }

    /// Which model files of the library each item has: those that were matched with its version, and those with a hash
    /// that Civitai measured on a file of its version, whatever version they were matched with. Files on a drive that
    /// is away count: they are not missing, merely not at hand.
    pub(crate) fn vault_files(&self) -> Result<HashMap<VaultItemId, Vec<FileId>>> {
        let sql = "SELECT i.id, json_extract(i.item, '$.kind'), f.id, r.kind, NULL
                FROM cache.vault_items i
                JOIN cache.resolutions r ON r.version_id = i.version_id AND r.state = 'matched'
                JOIN cache.files f ON f.sha256 = r.sha256 AND f.alias_of IS NULL AND f.gone_at IS NULL
            UNION ALL SELECT i.id, json_extract(i.item, '$.kind'), f.id, NULL, json_extract(j.value, '$.file_type')
                FROM cache.vault_items i
                JOIN cache.versions v ON v.id = i.version_id
                JOIN json_each(v.files) j
                JOIN cache.files f ON f.sha256 = unhex(json_extract(j.value, '$.sha256'))
                    AND f.alias_of IS NULL AND f.gone_at IS NULL";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let mut rows = statement.query([]).explain()?;
        let mut found: HashMap<VaultItemId, BTreeSet<FileId>> = HashMap::new();
        let mut not_models: HashMap<VaultItemId, BTreeSet<FileId>> = HashMap::new();
        while let Some(row) = rows.next().explain()? {
            let text = |at: usize| row.get::<_, Option<String>>(at).explain();
            let item_kind = ModelKind::from(text(1)?.unwrap_or_default().as_str());
            let is_model = match text(4)? {
                Some(file_type) => is_model_file(&item_kind, &file_type),
                None => {
                    let kind = text(3)?.filter(|kind| !kind.is_empty());
                    is_model_of(&item_kind, kind.as_deref().map(ModelKind::from).as_ref())
                }
            };
            let id = VaultItemId(row.get(0).explain()?);
            let kinds = if is_model { &mut found } else { &mut not_models };
            kinds.entry(id).or_default().insert(FileId(row.get(2).explain()?));
        }
        let without = |(id, files): (VaultItemId, BTreeSet<FileId>)| {
            let others = not_models.get(&id);
            let files = files.into_iter().filter(|file| others.is_none_or(|others| !others.contains(file))).collect();
            (id, files)
        };
        Ok(found.into_iter().map(without).collect())
    }

    /// A version's name for people, and what its main file takes up, as far as either is known.
    pub(crate) fn version_in_words(&self, id: VersionId) -> Result<(String, Option<ByteCount>)> {
        let sql = "SELECT trim(v.model_name || ' ' || v.name),
                (SELECT json_extract(j.value, '$.size_kb') FROM json_each(v.files) j
                    WHERE json_extract(j.value, '$.primary'))
            FROM cache.versions v WHERE v.id = ?1";
        let known = self.connection.query_row(sql, [id.0], |row| {
            let size_kb: Option<f64> = row.get(1)?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
            let size = size_kb.map(|size| ByteCount((size * 1024.0) as u64));
            Ok((row.get::<_, String>(0)?, size))
        });
        if let Some(known) = known.optional().explain()? {
            return Ok(known);
        }
        let sql = "SELECT item FROM cache.vault_items WHERE version_id = ?1 LIMIT 1";
        let item = self
            .connection
            .query_row(sql, [id.0], |row| Ok(serde_json::from_str::<VaultItem>(row.get_ref(0)?.as_str()?).ok()));
        Ok(match item.optional().explain()?.flatten() {
            Some(item) => (item.title(), Some(item.size())),
            None => (format!("version {}", id.0), None),
        })
    }
}

impl WriteTx<'_> {
    /// Keeps what a reading brought. Only a whole one makes items disappear, and so does another account's vault.
    pub(crate) fn put_vault(&mut self, record: &VaultRecord, now: UnixMillis) -> Result<()> {
        let before = self.vault()?;
        let owner = |info: &Option<VaultInfo>| info.and_then(|info| info.owner);
        let is_anothers =
            owner(&record.info).is_some() && owner(&before.info).is_some_and(|was| Some(was) != owner(&record.info));
        let is_whole = record.problem.is_none();
        if is_whole || is_anothers {
            self.connection.execute("DELETE FROM cache.vault_items", []).explain()?;
        }
        for item in &record.items {
            self.put_vault_item(item)?;
        }
        let kept = VaultKept {
            state: record.state.or(before.state),
            info: if is_whole { record.info } else { record.info.or(before.info) },
            synced_at: if is_whole { Some(now) } else { before.synced_at.filter(|_| !is_anothers) },
            problem: record.problem.clone(),
        };
        self.put_vault_kept(&kept)
    }

    /// Keeps what a change showed: what holds a version now, or that nothing does.
    pub(crate) fn put_vault_holding(&mut self, version: VersionId, item: Option<&VaultItem>) -> Result<()> {
        let sql = "DELETE FROM cache.vault_items WHERE version_id = ?1";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute([version.0])).explain()?;
        item.map_or(Ok(()), |item| self.put_vault_item(item))
    }

    /// Keeps how full the vault is after a change.
    pub(crate) fn put_vault_standing(&mut self, now: Standing) -> Result<()> {
        let before = self.vault()?;
        self.put_vault_kept(&VaultKept { state: Some(now.state), info: now.info, ..before })
    }

    fn put_vault_item(&mut self, item: &VaultItem) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO cache.vault_items (id, version_id, item) VALUES (?1, ?2, ?3)";
        let values = params![item.id.0, item.version_id.0, json(item)];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    fn put_vault_kept(&mut self, kept: &VaultKept) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO cache.vault_info (one, state, info, synced_at, problem)
            VALUES (1, ?1, ?2, ?3, ?4)";
        let values = params![
            kept.state.map(VaultState::as_str),
            kept.info.as_ref().map(json),
            kept.synced_at.map(|at| at.0),
            kept.problem.as_ref().map(json),
        ];
        self.connection.execute(sql, values).explain()?;
        Ok(())
    }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers write as JSON")
}
